// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/node_groups.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <vector>

#include <gtest/gtest.h>

namespace stemwire::host {
namespace {

constexpr std::array old_server{1, 6, 6};
constexpr std::array new_server{1, 6, 7};

/// As a server reads it.
std::set<std::string> names_in(const std::string& property)
{
    std::istringstream words(property);
    std::set<std::string> names;
    for (std::string word; words >> word;)
        if (word != "[" && word != "]") names.insert(word);
    return names;
}

/// How deep a server gets that goes on from each node into the first that shares a group with it and was not met yet.
class Walk {
public:
    Walk(const NodeGroups& groups, std::size_t nodes) : met_(nodes)
    {
        for (std::size_t place = 0; place < nodes; ++place) names_.push_back(names_in(groups.of(place, nodes)));
    }

    std::size_t from(std::size_t node)
    {
        met_[node] = true;
        std::size_t deepest = 0;
        for (std::size_t other = 0; other < names_.size(); ++other)
            if (!met_[other] && std::ranges::any_of(names_[other], [&](const std::string& name) { return names_[node].contains(name); }))
                deepest = std::max(deepest, from(other));
        return deepest + 1;
    }
    [[nodiscard]] bool met_all() const { return std::ranges::all_of(met_, [](bool met) { return met; }); }

private:
    std::vector<std::set<std::string>> names_;
    std::vector<bool> met_;
};

TEST(NodeGroups, are_one_where_a_server_compares_names)
{
    const NodeGroups groups("stemwire.band.7", old_server);
    for (std::size_t place = 0; place < 200; ++place) EXPECT_EQ(groups.of(place, 200), "stemwire.band.7");
}

TEST(NodeGroups, are_small_and_held_together_where_a_server_goes_through_them)
{
    const NodeGroups groups("stemwire.band.7", new_server);
    for (const std::size_t nodes : {1u, 8u, 9u, 64u, 129u, 257u})
        for (const std::size_t first : {std::size_t{0}, nodes / 2, nodes - 1}) {
            Walk walk(groups, nodes);
            EXPECT_LE(walk.from(first), 20u) << nodes << " nodes from " << first;
            EXPECT_TRUE(walk.met_all()) << nodes << " nodes from " << first;
        }
}

TEST(NodeGroups, stay_when_nodes_are_added)
{
    const NodeGroups groups("stemwire.band.7", new_server);
    for (std::size_t place = 1; place < 100; ++place) EXPECT_EQ(groups.of(place, 100), groups.of(place, 200));
}

TEST(NodeGroups, are_one_name_each)
{
    EXPECT_EQ(NodeGroups("stemwire.live set, \"two\".7", new_server).of(0, 1), "stemwire.live_set___two_.7");
}

}  // namespace
}  // namespace stemwire::host
