// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/pipewire_host.hpp"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/host/pipewire/stage.hpp"
#include "tests/support/mortal_server.hpp"

namespace stemwire::host {
namespace {

using test::MortalServer;
using test::pass;
using test::play_noise;
using test::speakers;
using test::Stage;
using test::stereo;

std::size_t open_files()
{
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
    return count;
}

bool all_made(Stage& stage)
{
    const auto links = stage.host().links();
    return stage.host().settled() && std::ranges::all_of(links, [](const LinkStatus& link) { return link.state == LinkState::made; });
}

TEST(PipeWireRecovery, puts_everything_up_again_however_often_the_server_restarts)
{
    constexpr std::uint32_t nodes = 20;
    constexpr int restarts = 20;
    MortalServer server;
    Stage stage(server.remote());
    const auto bus = stage.add("bus", stereo(true, true), pass);
    for (std::uint32_t node = 1; node < nodes; ++node) {
        const auto track = stage.add("track" + std::to_string(node), stereo(false, true), play_noise);
        for (const std::uint32_t channel : {0u, 1u}) stage.wire(track, channel, bus, channel);
    }
    stage.feed(bus, speakers());
    stage.build();
    ASSERT_TRUE(stage.settles());
    std::size_t files = 0;
    for (int restart = 1; restart <= restarts; ++restart) {
        server.end();
        ASSERT_TRUE(stage.until([&] { return stage.said("the PipeWire server went away; waiting for it") == restart; }));
        const Frames stood = stage.host().clock();
        EXPECT_FALSE(stage.host().settled());
        int turns = 0;
        ASSERT_TRUE(stage.until([&] { return ++turns > 3; }));
        EXPECT_EQ(stage.host().clock(), stood);
        server.begin();
        const auto began = std::chrono::steady_clock::now();
        ASSERT_TRUE(stage.until([&] { return all_made(stage); })) << restart;
        RecordProperty("back_ms_" + std::to_string(restart), static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began).count()));
        EXPECT_EQ(stage.host().links().size(), 2u * (nodes - 1) + 2u);
        EXPECT_GT(stage.host().clock(), stood);
        EXPECT_LT(stage.host().clock(), stood + 48000 * 10);
        if (restart == 1) files = open_files();
    }
    EXPECT_EQ(open_files(), files);
    EXPECT_EQ(stage.said("the PipeWire server is back"), restarts);
    EXPECT_EQ(stage.said("stood still"), 0);
}

TEST(PipeWireRecovery, leaves_links_as_the_user_left_them_in_the_server_before)
{
    MortalServer server;
    Stage stage(server.remote());
    const auto track = stage.add("track", stereo(false, true), play_noise);
    const auto bus = stage.add("bus", stereo(true, true), pass);
    for (const std::uint32_t channel : {0u, 1u}) stage.wire(track, channel, bus, channel);
    stage.build();
    ASSERT_TRUE(stage.settles());
    // Not waited for: since 1.2 pw-link stays until the link carries audio, and it is this thread that has to agree to that.
    const auto link_by_hand = [&](const std::string& what) { return std::system(("PIPEWIRE_REMOTE=" + server.remote() + " timeout 10 pw-link " + what + " &").c_str()); };
    ASSERT_EQ(link_by_hand("-d band.track:output_FL band.bus:input_FL"), 0);
    ASSERT_EQ(link_by_hand("band.bus:output_FL null-sink:playback_FR"), 0);
    const auto as_left = [&] {
        const auto links = stage.host().links();
        return links.size() == 3 && links[0].state == LinkState::cut && links[1].state == LinkState::made && links[2].state == LinkState::drawn &&
               links[2].from == "band.bus:output_FL" && links[2].to == "null-sink:playback_FR";
    };
    ASSERT_TRUE(stage.until(as_left));
    for (int restart = 1; restart <= 3; ++restart) {
        server.end();
        ASSERT_TRUE(stage.until([&] { return stage.said("went away") == restart; }));
        server.begin();
        ASSERT_TRUE(stage.until([&] { return stage.host().settled() && as_left(); })) << restart;
    }
}

TEST(PipeWireRecovery, takes_an_update_while_there_is_no_server)
{
    MortalServer server;
    Stage stage(server.remote());
    stage.add("first", stereo(false, true), play_noise);
    stage.build();
    ASSERT_TRUE(stage.settles());
    server.end();
    ASSERT_TRUE(stage.until([&] { return stage.said("went away") == 1; }));
    stage.add("second", stereo(true, true), pass);
    stage.wire(0, 0, 1, 0);
    ASSERT_TRUE(stage.host().update(stage.wanted()));
    EXPECT_EQ(stage.host().running(), (std::vector<bool>{false, false}));
    server.begin();
    ASSERT_TRUE(stage.until([&] { return all_made(stage); }));
    EXPECT_EQ(stage.host().running(), (std::vector<bool>{true, true}));
}

}  // namespace
}  // namespace stemwire::host
