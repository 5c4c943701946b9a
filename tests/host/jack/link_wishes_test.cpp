// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/jack/link_wishes.hpp"

#include <gtest/gtest.h>

namespace stemwire::host {
namespace {

/// A stereo node `band.mix` that feeds one external.
class Wishes {
public:
    explicit Wishes(HostedExternal external, ChannelLayout layout = ChannelLayout::stereo(), std::string port = "")
    {
        externals_.push_back(std::move(external));
        graph_.externals = 1;
        graph_.outer_links.push_back({0, 0, true, 0, layout, std::move(port)});
        OwnPorts own{"band.mix", {}, {}};
        for (const Position position : layout.positions()) own.outputs.push_back("band.mix:main_" + std::string(to_string(position)));
        for (const std::string& name : own.outputs) {
            map_.add({name, false, false});
            map_.ours.insert(name);
        }
        nodes_.push_back(own);
    }
    Wishes& has(const std::string& name, bool physical = false, bool is_input = true)
    {
        map_.add({name, is_input, physical});
        return *this;
    }
    Wishes& owns(const std::string& name)
    {
        map_.ours.insert(name);
        return has(name);
    }
    [[nodiscard]] LinkWishes resolve() const { return wish_links(nodes_, externals_, graph_, map_); }
    [[nodiscard]] std::vector<std::string> links() const
    {
        std::vector<std::string> texts;
        for (const LinkWish& wish : resolve().links) texts.push_back(wish.link.first + " -> " + wish.link.second + (wish.makeable ? "" : " (waiting)"));
        return texts;
    }

private:
    std::vector<OwnPorts> nodes_;
    std::vector<HostedExternal> externals_;
    graph::Graph graph_;
    PortMap map_;
};

using Links = std::vector<std::string>;

HostedExternal speakers()
{
    return {.name = "speakers"};
}

HostedExternal pattern(std::string node, std::string port = "*")
{
    return {.name = "others", .what = HostedExternal::What::pattern, .node_glob = std::move(node), .port_glob = std::move(port)};
}

TEST(LinkWishes, feed_the_first_physical_ports_by_default)
{
    Wishes wishes(speakers());
    wishes.has("synth:in_1").has("system:playback_1", true).has("system:playback_2", true).has("system:playback_3", true).has("system:capture_1", true, false);
    EXPECT_EQ(wishes.links(), (Links{"band.mix:main_FL -> system:playback_1", "band.mix:main_FR -> system:playback_2"}));
}

TEST(LinkWishes, feed_mono_to_a_pair)
{
    Wishes wishes(speakers(), ChannelLayout::mono());
    for (int port = 1; port <= 4; ++port) wishes.has("system:playback_" + std::to_string(port), true);
    EXPECT_EQ(wishes.links(), (Links{"band.mix:main_MONO -> system:playback_1", "band.mix:main_MONO -> system:playback_2"}));
}

TEST(LinkWishes, meet_by_position_where_ports_name_it)
{
    Wishes wishes(pattern("room"));
    wishes.has("room:in_FC").has("room:in_FR").has("room:in_FL");
    EXPECT_EQ(wishes.links(), (Links{"band.mix:main_FL -> room:in_FL", "band.mix:main_FR -> room:in_FR"}));
}

TEST(LinkWishes, take_the_first_client_by_name_that_a_pattern_means)
{
    Wishes wishes(pattern("rec*", "in_*"));
    wishes.has("recorder:in_1").has("recorder:in_2").has("rec:in_1").has("rec:in_2").has("rec:side").has("rec:in_3", false, false);
    EXPECT_EQ(wishes.links(), (Links{"band.mix:main_FL -> rec:in_1", "band.mix:main_FR -> rec:in_2"}));
}

TEST(LinkWishes, never_take_our_own_ports_for_others)
{
    Wishes wishes(pattern("*"));
    wishes.owns("band.hall:input_FL").owns("band.hall:input_FR");
    EXPECT_EQ(wishes.links(), (Links{"band.mix:main_FL -> others (waiting)", "band.mix:main_FR -> others (waiting)"}));
    EXPECT_EQ(wishes.resolve().notes, Links{"waiting for others (*)"});
}

TEST(LinkWishes, say_which_ports_there_are_where_none_match)
{
    Wishes wishes(pattern("room"));
    wishes.has("room:a").has("room:b").has("room:c");
    EXPECT_EQ(wishes.resolve().notes,
              Links{"band.mix (stereo) and room do not have the same positions: link single ports of others (a, b, c)"});
}

TEST(LinkWishes, mean_a_single_port_where_the_preset_does)
{
    Wishes wishes(pattern("room"), ChannelLayout::stereo(), "b");
    wishes.has("room:a").has("room:b").has("room:c");
    EXPECT_EQ(wishes.links(), (Links{"band.mix:main_FL -> room:b", "band.mix:main_FR -> room:b"}));
}

}  // namespace
}  // namespace stemwire::host
