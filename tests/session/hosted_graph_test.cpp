// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/hosted_graph.hpp"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"
#include "tests/support/wav.hpp"

namespace stemwire::session {
namespace {

/// A preset made ready for a host, in a folder that has an impulse response of one frame.
class HostedGraphs : public ::testing::Test {
protected:
    Expected<HostedGraph> hosted(const std::string& yaml)
    {
        test::write_audio(folder_.file("unit.wav"), {.channels = {{1.0f}}});
        auto loaded = preset::load_text(yaml, folder_.file("test.yaml"));
        for (const Error& error : loaded.errors) ADD_FAILURE() << to_string(error);
        if (!loaded.preset) return failure("not loaded");
        preset_ = std::move(*loaded.preset);
        auto instance = Instance::make(preset_, decoders_);
        if (!instance) return tl::unexpected(instance.error().front());
        instance_ = std::move(*instance);
        if (auto errors = instance_->prepare({.rate_hz = 48000, .quantum = 64}); !errors.empty()) return tl::unexpected(errors.front());
        return host_graph(*instance_);
    }

    test::TemporaryFolder folder_;
    media::DecodePool decoders_{0};
    preset::Preset preset_;
    std::unique_ptr<Instance> instance_;
};

TEST_F(HostedGraphs, groups_that_feed_each_other_are_refused)
{
    const auto graph = hosted(R"(
stemwire: 1
nodes:
  a: { type: generator, channels: mono }
  b: { type: generator, channels: mono }
  from-a: { type: mixer, buses: { main: mono }, channels: { in: {} } }
  from-b: { type: mixer, buses: { main: mono }, channels: { in: {} } }
external: { speakers: { sink: default } }
links: ["a -> from-a:in", "b -> from-b:in", "from-a:main -> speakers", "from-b:main -> speakers"]
fuse:
  one: [a, from-b]
  two: [b, from-a]
)");
    ASSERT_FALSE(graph);
    EXPECT_EQ(graph.error().message, "fuse: b lies between nodes of one and must be in it too");
}

TEST_F(HostedGraphs, a_group_is_late_by_its_longest_way)
{
    const auto graph = hosted(R"(
stemwire: 1
nodes:
  a: { type: generator, channels: mono }
  long: { type: reverb, impulse: unit.wav, latency: 2 }
  short: { type: reverb, impulse: unit.wav, latency: 1 }
  after: { type: reverb, impulse: unit.wav, latency: 3 }
external: { speakers: { sink: default } }
links: [a -> long -> after -> speakers, a -> short -> after]
fuse: { stage: [long, short, after] }
)");
    ASSERT_TRUE(graph) << to_string(graph.error());
    ASSERT_EQ(graph->graph.nodes.size(), 2u);
    EXPECT_EQ(graph->graph.nodes[1].latency, (2 + 3) * 64u);
}

}  // namespace
}  // namespace stemwire::session
