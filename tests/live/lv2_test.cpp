// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "tests/live/live_sessions.hpp"

namespace stemwire::session {
namespace {

class Lv2 : public LiveSessions {
protected:
    /// True once this node's output has its peak here.
    [[nodiscard]] static bool is_at(const SessionControl& session, std::string_view node, double peak_db)
    {
        return std::ranges::any_of(session.meters(), [&](const MeterValue& meter) {
            return meter.node == node && meter.is_output && std::abs(meter.peak_db - peak_db) < 0.5;
        });
    }
};

TEST_F(Lv2, plugins_are_heard_and_turned_in_a_thread_of_their_own_and_in_the_cycle)
{
    const std::string preset = R"(stemwire: 1
nodes:
  tone: { type: generator, level: -20 dB }
  amp: { type: lv2, uri: "http://lv2plug.in/plugins/eg-amp", offload: 2 }
  chain: { type: effects, chain: [ lv2: { uri: "http://lv2plug.in/plugins/eg-amp", params: { gain: -6 dB } } ] }
external: { speakers: { sink: default } }
links: [ tone -> amp -> chain -> speakers ]
)";
    bool turned = false;
    bool heard = false;
    run(preset, [&](SessionControl& session) {
        if (!turned && is_at(session, "amp", -20.0) && is_at(session, "chain", -26.0)) {
            EXPECT_TRUE(session.set("amp.params.gain", "-12 dB"));
            EXPECT_TRUE(session.set("chain.lv2.params.gain", "6 dB"));
            EXPECT_FALSE(session.set("amp.params.gain", "100 dB"));
            EXPECT_EQ(session.status().nodes.at(1).latency_frames, 2 * session.status().quantum);
            turned = true;
        }
        heard = heard || (turned && is_at(session, "amp", -32.0) && is_at(session, "chain", -26.0));
        return heard;
    });
    EXPECT_TRUE(heard);
}

}  // namespace
}  // namespace stemwire::session
