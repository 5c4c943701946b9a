// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "tests/live/live_sessions.hpp"

namespace stemwire::session {
namespace {

class Offload : public LiveSessions {};

TEST_F(Offload, is_prepared_again_for_a_quantum_that_is_longer_than_it_may_take)
{
    const std::string preset = R"(stemwire: 1
nodes:
  tone: { type: generator, level: -20 dB }
  chain: { type: effects, chain: [ gain: { gain: -6 dB, offload: true } ] }
external: { speakers: { sink: default } }
links: [ tone -> chain -> speakers ]
)";
    std::uint32_t first = 0;
    std::uint64_t cycles = 0;
    NodeStatus last;
    const auto said = run(preset, [&](SessionControl& session) {
        const SessionStatus status = session.status();
        last = status.nodes.at(1);
        if (first == 0) {
            first = status.quantum;
            EXPECT_EQ(last.latency_frames, first);
            static_cast<void>(pipewire_.command("pw-metadata -n settings 0 clock.force-quantum " + std::to_string(4 * first)));
        }
        if (last.latency_frames != 4 * first) return false;
        if (cycles == 0) cycles = last.cycles;
        return last.cycles >= cycles + 30;
    });
    EXPECT_TRUE(std::ranges::any_of(said, [&](const std::string& line) { return line.find("the quantum is " + std::to_string(4 * first) + " now") != std::string::npos; }));
    // A worker may be late now and then; by the latency of before, three frames of four would be silent in every cycle.
    EXPECT_LT(last.missing_frames.value_or(0), 30u * 4u * first / 2u);
}

}  // namespace
}  // namespace stemwire::session
