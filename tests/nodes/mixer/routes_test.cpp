// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/mixer/routes.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace stemwire::nodes {
namespace {

using enum Position;

/// The factor of the only route between two positions, 0 where there is none.
double factor(const ChannelLayout& channel, Position from, const ChannelLayout& bus, Position to)
{
    double found = 0.0;
    int count = 0;
    for (const Route& route : make_routes(channel, bus))
        if (channel[route.from] == from && bus[route.to] == to) {
            found = route.factor;
            ++count;
        }
    EXPECT_LE(count, 1);
    return found;
}

const ChannelLayout mono = ChannelLayout::mono();
const ChannelLayout stereo = ChannelLayout::stereo();
const ChannelLayout quad = *ChannelLayout::named("quad");
const ChannelLayout five = *ChannelLayout::named("5.1");
const ChannelLayout seven = *ChannelLayout::named("7.1");

TEST(Routes, the_same_layout_goes_straight_through)
{
    for (const ChannelLayout& layout : {mono, stereo, quad, five, seven, ChannelLayout::usual(12)}) {
        EXPECT_EQ(make_routes(layout, layout).size(), layout.size());
        for (const Position position : layout.positions()) EXPECT_EQ(factor(layout, position, layout, position), 1.0);
    }
}

TEST(Routes, the_same_positions_in_another_order_meet_each_other)
{
    const ChannelLayout swapped({FR, FL});
    EXPECT_EQ(factor(swapped, FL, stereo, FL), 1.0);
    EXPECT_EQ(factor(swapped, FR, stereo, FR), 1.0);
    EXPECT_EQ(factor(swapped, FL, stereo, FR), 0.0);
}

TEST(Routes, mono_pans_between_the_front_speakers)
{
    for (const ChannelLayout& bus : {stereo, quad, five, seven}) {
        const auto routes = make_routes(mono, bus);
        ASSERT_EQ(routes.size(), 2u);
        EXPECT_EQ(routes[0], (Route{0, *bus.find(FL), 1.0, PanRole::power_left}));
        EXPECT_EQ(routes[1], (Route{0, *bus.find(FR), 1.0, PanRole::power_right}));
    }
}

TEST(Routes, mono_goes_to_the_centre_where_there_are_no_front_speakers)
{
    const ChannelLayout bus({FC, LFE});
    EXPECT_EQ(make_routes(mono, bus), (std::vector<Route>{{0, 0, 1.0, PanRole::none}}));
}

TEST(Routes, one_named_position_goes_to_its_own_speaker)
{
    EXPECT_EQ(make_routes(ChannelLayout({LFE}), five), (std::vector<Route>{{0, *five.find(LFE), 1.0, PanRole::none}}));
    EXPECT_EQ(factor(five, LFE, ChannelLayout({LFE}), LFE), 1.0);
    EXPECT_EQ(make_routes(five, ChannelLayout({LFE})).size(), 1u);
}

TEST(Routes, stereo_to_mono_is_half_the_sum)
{
    EXPECT_EQ(factor(stereo, FL, mono, MONO), 0.5);
    EXPECT_EQ(factor(stereo, FR, mono, MONO), 0.5);
}

TEST(Routes, surround_to_stereo_is_the_downmix_of_bs_775)
{
    const double half_power = std::sqrt(0.5);
    for (const ChannelLayout& layout : {five, seven}) {
        EXPECT_EQ(factor(layout, FL, stereo, FL), 1.0);
        EXPECT_EQ(factor(layout, FR, stereo, FR), 1.0);
        EXPECT_EQ(factor(layout, FL, stereo, FR), 0.0);
        for (const Position side : {FL, FR}) {
            EXPECT_NEAR(factor(layout, FC, stereo, side), half_power, 1e-15);
            EXPECT_EQ(factor(layout, LFE, stereo, side), 0.0);
        }
        EXPECT_NEAR(factor(layout, SL, stereo, FL), half_power, 1e-15);
        EXPECT_NEAR(factor(layout, SR, stereo, FR), half_power, 1e-15);
        EXPECT_EQ(factor(layout, SL, stereo, FR), 0.0);
    }
    EXPECT_NEAR(factor(quad, RR, stereo, FR), half_power, 1e-15);
    EXPECT_EQ(factor(ChannelLayout({FL, FR, RC}), RC, stereo, FL), 0.5);
    EXPECT_EQ(factor(ChannelLayout({FL, FR, RC}), RC, stereo, FR), 0.5);
}

TEST(Routes, what_shares_no_position_is_not_heard)
{
    EXPECT_TRUE(make_routes(ChannelLayout::usual(12), stereo).empty());
    EXPECT_EQ(make_routes(stereo, five).size(), 2u);
    EXPECT_EQ(factor(stereo, FL, five, FL), 1.0);
}

}  // namespace
}  // namespace stemwire::nodes
