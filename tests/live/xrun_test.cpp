// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <random>

#include "tests/live/live_sessions.hpp"

namespace stemwire::session {
namespace {

class Xruns : public LiveSessions {};

/// What the plugin works for, and more than seven cycles of the test's servers.
constexpr double stall_us = 40'000;

TEST_F(Xruns, a_record_names_whichever_node_stalled)
{
    const std::string preset = R"(stemwire: 1
nodes:
  tone: { type: generator, level: -20 dB }
  a: { type: lv2, uri: "urn:stemwire:test:stall" }
  b: { type: lv2, uri: "urn:stemwire:test:stall" }
  c: { type: lv2, uri: "urn:stemwire:test:stall" }
external: { speakers: { sink: default } }
links: [ tone -> a -> speakers, tone -> b -> speakers, tone -> c -> speakers ]
)";
    constexpr std::array names{"a", "b", "c"};
    constexpr int rounds = 6;
    std::mt19937 generator(4);
    std::vector<std::string> stalled;
    std::vector<std::string> named;
    std::uint64_t known = 0;
    std::uint64_t rested = 20;  ///< cycles in which whoever stalled has seen that it need not any more
    bool waiting = false;
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    run(preset, [&](SessionControl& session) {
        const SessionStatus status = session.status();
        if (std::chrono::steady_clock::now() > give_up) return true;
        if (!waiting) {
            if (std::ranges::any_of(status.nodes, [&](const NodeStatus& node) { return node.cycles < rested; })) return false;
            if (stalled.size() == rounds) return true;
            stalled.emplace_back(names[generator() % names.size()]);
            EXPECT_TRUE(session.set_number(stalled.back() + ".params.stall", 1.0));
            waiting = true;
            return false;
        }
        // Others than ours that hold the machine up are recorded too, but nothing that long was theirs.
        for (const XrunRecord& record : status.latest_xruns) {
            if (record.node_us < stall_us || record.clock_frame <= known) continue;
            known = record.clock_frame;
            named.push_back(record.node);
            EXPECT_GE(record.missed_cycles, 1u);
            EXPECT_NEAR(record.budget_us, 1e6 * status.quantum / status.rate_hz, 1.0);
            EXPECT_TRUE(session.set_number(stalled.back() + ".params.stall", 0.0));
            rested = std::ranges::max(status.nodes, {}, &NodeStatus::cycles).cycles + 20;
            waiting = false;
        }
        return false;
    });
    EXPECT_EQ(named, stalled);
}

}  // namespace
}  // namespace stemwire::session
