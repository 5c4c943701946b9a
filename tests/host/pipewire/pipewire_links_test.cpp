// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/pipewire_host.hpp"

#include <gtest/gtest.h>

#include "tests/host/pipewire/stage.hpp"

namespace stemwire::host {
namespace {

using test::pass;
using test::pattern;
using test::play_noise;
using test::speakers;
using test::Stage;
using test::stereo;

class PipeWireLinks : public test::PipeWireHostTest {};

TEST_F(PipeWireLinks, leaves_a_link_that_was_cut_by_hand)
{
    Stage stage(server.remote());
    const auto track = stage.add("track", stereo(false, true), play_noise);
    const auto bus = stage.add("bus", stereo(true, true), pass);
    for (std::uint32_t channel : {0u, 1u}) stage.wire(track, channel, bus, channel);
    stage.feed(bus, speakers());
    stage.build();
    ASSERT_TRUE(stage.settles());
    const auto state = [&](std::size_t link) { return stage.host().links()[link].state; };

    EXPECT_EQ(server.command("pw-link -d band.track:output_FL band.bus:input_FL"), "");
    ASSERT_TRUE(stage.until([&] { return state(0) == LinkState::cut; }));
    stage.pass_cycles(40);
    EXPECT_FALSE(server.linked("band.track:output_FL", "band.bus:input_FL"));
    EXPECT_TRUE(server.linked("band.track:output_FR", "band.bus:input_FR"));
    EXPECT_TRUE(stage.host().settled());

    EXPECT_EQ(server.command("pw-link band.track:output_FL band.bus:input_FL"), "");
    ASSERT_TRUE(stage.until([&] { return state(0) == LinkState::made; }));
}

TEST_F(PipeWireLinks, leaves_links_that_others_made)
{
    Stage stage(server.remote());
    const auto track = stage.add("track", stereo(false, true), play_noise);
    stage.feed(track, speakers());
    stage.add("bus", stereo(true, true), pass);
    stage.build();
    ASSERT_TRUE(stage.settles());
    EXPECT_EQ(server.command("pw-link band.track:output_FR band.bus:input_FL"), "");
    EXPECT_EQ(server.command("pw-link -d band.track:output_FL null-sink:playback_FL"), "");
    ASSERT_TRUE(stage.until([&] { return stage.host().links()[0].state == LinkState::cut; }));
    EXPECT_TRUE(server.linked("band.track:output_FR", "band.bus:input_FL"));
}

TEST_F(PipeWireLinks, links_a_device_when_it_appears_and_again_when_it_is_back)
{
    Stage stage(server.remote());
    const auto track = stage.add("track", stereo(false, true), play_noise);
    stage.feed(track, pattern("usb-*"));
    stage.build();
    ASSERT_TRUE(stage.settles());
    const auto state = [&] { return stage.host().links().front().state; };
    EXPECT_EQ(state(), LinkState::waiting);
    EXPECT_EQ(stage.said("waiting for other (usb-*)"), 1);
    for (int round = 0; round < 2; ++round) {
        server.plug("usb-card");
        ASSERT_TRUE(stage.until([&] { return state() == LinkState::made && stage.host().settled(); })) << round;
        EXPECT_TRUE(server.linked("band.track:output_FL", "usb-card:playback_FL"));
        EXPECT_TRUE(server.linked("band.track:output_FR", "usb-card:playback_FR"));
        server.unplug("usb-card");
        ASSERT_TRUE(stage.until([&] { return state() == LinkState::waiting; })) << round;
        stage.pass_cycles(10);
    }
    EXPECT_EQ(stage.said("cut by hand"), 0);
    EXPECT_EQ(stage.said("waiting for other (usb-*)"), 3);
}

TEST_F(PipeWireLinks, follows_the_default_sink)
{
    server.plug("other-sink");
    Stage stage(server.remote());
    const auto track = stage.add("track", stereo(false, true), play_noise);
    stage.feed(track, speakers());
    stage.build();
    ASSERT_TRUE(stage.settles());
    const auto made_to = [&](const std::string& port) {
        const auto links = stage.host().links();
        return std::ranges::any_of(links, [&](const LinkStatus& link) { return link.to == port && link.state == LinkState::made; }) && stage.host().settled();
    };
    for (const std::string sink : {"other-sink", "null-sink", "other-sink"}) {
        static_cast<void>(server.command("pw-metadata 0 default.audio.sink '{ \"name\": \"" + sink + "\" }'"));
        ASSERT_TRUE(stage.until([&] { return made_to(sink + ":playback_FL") && made_to(sink + ":playback_FR"); })) << sink;
        const std::vector<std::string> expected{"band.track:output_FL -> " + sink + ":playback_FL", "band.track:output_FR -> " + sink + ":playback_FR"};
        EXPECT_EQ(server.links(), expected);
    }
    EXPECT_EQ(stage.said("cut by hand"), 0);
}

}  // namespace
}  // namespace stemwire::host
