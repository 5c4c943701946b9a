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

TEST_F(PipeWireLinks, shows_links_that_others_drew_and_makes_them_again_when_their_ports_are_back)
{
    Stage stage(server.remote());
    stage.add("track", stereo(false, true), play_noise);
    stage.build();
    ASSERT_TRUE(stage.settles());
    server.plug("card");
    EXPECT_EQ(server.command("pw-link band.track:output_FL card:playback_FR"), "");
    const auto drawn = [&] {
        const auto links = stage.host().links();
        return links.size() == 1 && links[0].from == "band.track:output_FL" && links[0].to == "card:playback_FR" && links[0].state == LinkState::drawn;
    };
    for (int round = 0; round < 3; ++round) {
        ASSERT_TRUE(stage.until(drawn)) << round;
        server.unplug("card");
        ASSERT_TRUE(stage.until([&] { return stage.host().links().empty(); })) << round;
        server.plug("card");
    }
    ASSERT_TRUE(stage.until(drawn));
    EXPECT_TRUE(server.linked("band.track:output_FL", "card:playback_FR"));
    EXPECT_EQ(server.command("pw-link -d band.track:output_FL card:playback_FR"), "");
    ASSERT_TRUE(stage.until([&] { return stage.host().links().empty(); }));
    stage.pass_cycles(40);
    EXPECT_TRUE(server.links().empty());
}

TEST_F(PipeWireLinks, makes_a_cut_link_again_when_an_edit_brings_it_back)
{
    Stage stage(server.remote());
    const auto track = stage.add("track", stereo(false, true), play_noise);
    const auto bus = stage.add("bus", stereo(true, true), pass);
    const Wanted unlinked = stage.wanted();
    stage.wire(track, 0, bus, 0);
    stage.build();
    ASSERT_TRUE(stage.settles());
    EXPECT_EQ(server.command("pw-link -d band.track:output_FL band.bus:input_FL"), "");
    ASSERT_TRUE(stage.until([&] { return stage.host().links()[0].state == LinkState::cut; }));
    ASSERT_TRUE(stage.host().update(stage.wanted()));
    ASSERT_TRUE(stage.settles());
    EXPECT_EQ(stage.host().links()[0].state, LinkState::cut);
    ASSERT_TRUE(stage.host().update(unlinked));
    ASSERT_TRUE(stage.settles());
    ASSERT_TRUE(stage.host().update(stage.wanted()));
    EXPECT_TRUE(stage.until([&] { return stage.host().links()[0].state == LinkState::made; }));
}

TEST_F(PipeWireLinks, enforces_the_links_of_the_preset)
{
    Stage stage(server.remote());
    const auto track = stage.add("track", stereo(false, true), play_noise);
    const auto bus = stage.add("bus", stereo(true, true), pass);
    for (const std::uint32_t channel : {0u, 1u}) stage.wire(track, channel, bus, channel);
    Wanted wanted = stage.wanted();
    wanted.policy = LinkPolicy::enforce;
    ASSERT_TRUE(stage.host().build(wanted));
    ASSERT_TRUE(stage.settles());
    const auto links = server.links();
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(server.command("pw-link -d band.track:output_FL band.bus:input_FL"), "");
        // Since 1.2 pw-link waits for the link to carry audio, which it never will.
        EXPECT_EQ(server.command("timeout 0.2 pw-link band.track:output_FR band.bus:input_FL"), "");
        EXPECT_EQ(server.command("timeout 0.2 pw-link band.bus:output_FL null-sink:playback_FL"), "");
        ASSERT_TRUE(stage.until([&] { return server.links() == links && stage.host().settled(); })) << round;
    }
    EXPECT_EQ(stage.said("band.track:output_FL -> band.bus:input_FL was cut by others; making it again"), 1);
    EXPECT_EQ(stage.said("took away the link band.track:output_FR -> band.bus:input_FL, which the preset does not have"), 1);
}

TEST_F(PipeWireLinks, says_once_that_somebody_fights_over_a_link)
{
    Stage stage(server.remote());
    const auto track = stage.add("track", stereo(false, true), play_noise);
    stage.feed(track, speakers());
    Wanted wanted = stage.wanted();
    wanted.policy = LinkPolicy::enforce;
    ASSERT_TRUE(stage.host().build(wanted));
    const auto cut_again = [&] {
        if (stage.host().links()[0].state == LinkState::made) static_cast<void>(server.command("pw-link -d band.track:output_FL null-sink:playback_FL"));
        return stage.said("making it less and less often") > 0;
    };
    ASSERT_TRUE(stage.until(cut_again));
    EXPECT_EQ(stage.said("was cut by others; making it again"), 1);
    ASSERT_TRUE(stage.settles());
    EXPECT_TRUE(server.linked("band.track:output_FL", "null-sink:playback_FL"));
    EXPECT_EQ(stage.said("making it less and less often"), 1);
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
