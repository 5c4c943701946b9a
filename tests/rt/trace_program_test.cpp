// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "tests/support/program.hpp"

namespace stemwire::test {
namespace {

TEST(TraceOption, a_render_says_when_every_node_computed_which_frames)
{
    const TemporaryFolder folder;
    folder.write("tones.yaml", "stemwire: 1\n"
                               "nodes:\n"
                               "  low: { type: generator, signal: sine }\n"
                               "  mix: { type: mixer, channels: { low: {} } }\n"
                               "external: { out: { sink: default } }\n"
                               "links: [ low -> mix:low, mix -> out ]\n");
    const Outcome outcome = run_program({stemwire_program(), "render", "tones.yaml", "-o", "out.wav", "--duration", "1", "--quantum", "480",
                                         "--trace", "trace.json"}, {}, folder.path());
    ASSERT_EQ(outcome.status, 0) << outcome.err;
    std::ifstream file(folder.file("trace.json"));
    const nlohmann::json trace = nlohmann::json::parse(file);
    std::map<std::string, std::set<int>> clocks;
    for (const auto& event : trace["traceEvents"])
        if (event["ph"] == "X" && event["cat"] == "node") {
            const int clock = event["args"]["clock"];
            EXPECT_TRUE(clocks[event["name"]].insert(clock).second) << event;
        }
    // A second at 48 kHz, and every node once in each cycle of 480 frames.
    std::set<int> expected;
    for (int clock = 0; clock < 48000; clock += 480) expected.insert(clock);
    EXPECT_EQ(clocks.size(), 2u);
    for (const auto& [node, begun] : clocks) EXPECT_TRUE(std::ranges::includes(begun, expected)) << node;
    EXPECT_EQ(trace["otherData"]["lost_markers"], 0);
}

TEST(TraceOption, a_trace_that_cannot_be_written_is_an_error_before_anything_is_computed)
{
    const TemporaryFolder folder;
    folder.write("tone.yaml", "stemwire: 1\n"
                              "nodes: { tone: { type: generator } }\n"
                              "external: { out: { sink: default } }\n"
                              "links: [ tone -> out ]\n");
    const Outcome outcome = run_program({stemwire_program(), "render", "tone.yaml", "-o", "out.wav", "--duration", "1", "--trace", "missing/trace.json"},
                                        {}, folder.path());
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.err, "stemwire: error: cannot write missing/trace.json: No such file or directory\n");
    EXPECT_FALSE(std::filesystem::exists(folder.file("out.wav")));
}

}  // namespace
}  // namespace stemwire::test
