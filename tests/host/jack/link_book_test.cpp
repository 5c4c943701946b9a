// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/jack/link_book.hpp"

#include <gtest/gtest.h>

namespace stemwire::host {
namespace {

using namespace std::chrono_literals;

const LinkKey wire{"band.a:out", "band.b:in"};
const LinkKey speaker{"band.b:out", "system:playback_1"};
const LinkKey other{"band.a:out", "meter:in"};

/// A server that does what the book says, and whose ports and links a test changes.
class Desk {
public:
    Desk()
    {
        for (const char* name : {"band.a:out", "band.b:in", "band.b:out"}) {
            map.add({name, false, false});
            map.ours.insert(name);
        }
        map.add({"system:playback_1", true, true});
        map.add({"meter:in", true, false});
    }

    /// Looks again until time brings nothing more, at most this long.
    void settle(std::chrono::milliseconds time = 2s)
    {
        for (const auto end = now + time; now < end; now += 10ms) {
            std::vector<LinkWish> wishes;
            for (const LinkKey& link : wished) wishes.push_back({link, map.has(link.first) && map.has(link.second)});
            for (const auto& change : book.plan(wishes, map, policy, now)) {
                ++changes;
                if (refuses) book.refused(change, now);
                else if (change.connect) map.links.insert(change.link);
                else map.links.erase(change.link);
            }
            if (meddles) meddles();
        }
    }
    /// A client of this port ends, its links a moment before its port.
    void unplug(const std::string& port, std::chrono::milliseconds moment = 20ms)
    {
        std::erase_if(map.links, [&](const LinkKey& link) { return link.first == port || link.second == port; });
        if (moment > 0ms) settle(moment);
        map.names.erase(port);
        ++map.unregistered;
    }
    [[nodiscard]] std::vector<LinkState> states() const
    {
        std::vector<LinkState> all;
        for (const LinkStatus& link : book.status()) all.push_back(link.state);
        return all;
    }

    PortMap map;
    std::vector<LinkKey> wished{wire, speaker};
    LinkPolicy policy = LinkPolicy::keep;
    bool refuses = false;
    std::function<void()> meddles;
    int changes = 0;
    std::vector<std::string> said;
    LinkBook book{[this](const std::string& text) { said.push_back(text); }};
    LinkBook::Clock::time_point now{1h};
};

using States = std::vector<LinkState>;
constexpr auto made = LinkState::made;

TEST(LinkBook, makes_what_is_wished_and_then_rests)
{
    Desk desk;
    desk.settle();
    EXPECT_EQ(desk.map.links, (std::set<LinkKey>{wire, speaker}));
    EXPECT_EQ(desk.states(), (States{made, made}));
    EXPECT_TRUE(desk.book.complete());
    EXPECT_FALSE(desk.book.waiting());
    EXPECT_EQ(desk.changes, 2);
}

TEST(LinkBook, leaves_what_was_cut_by_hand)
{
    Desk desk;
    desk.settle();
    desk.map.links.erase(wire);
    desk.settle();
    EXPECT_EQ(desk.states(), (States{LinkState::cut, made}));
    EXPECT_EQ(desk.said, std::vector<std::string>{"the link band.a:out -> band.b:in was cut by hand, and is left so"});
    EXPECT_TRUE(desk.book.complete());
    desk.map.links.insert(wire);
    desk.settle();
    EXPECT_EQ(desk.states(), (States{made, made}));
}

TEST(LinkBook, makes_a_link_again_when_its_port_comes_back)
{
    for (const auto moment : {0ms, 20ms, 60ms}) {
        Desk desk;
        desk.settle();
        desk.unplug("system:playback_1", moment);
        desk.settle();
        EXPECT_EQ(desk.states(), (States{made, LinkState::waiting}));
        desk.map.names.insert("system:playback_1");
        desk.settle();
        EXPECT_EQ(desk.states(), (States{made, made}));
        EXPECT_TRUE(desk.said.empty());
    }
}

TEST(LinkBook, does_not_take_a_port_that_came_back_at_once_for_a_cut)
{
    Desk desk;
    desk.settle();
    desk.unplug("system:playback_1", 0ms);
    desk.map.names.insert("system:playback_1");
    desk.settle();
    EXPECT_EQ(desk.states(), (States{made, made}));
}

TEST(LinkBook, remembers_cut_and_drawn_links_when_the_server_comes_back)
{
    Desk desk;
    desk.settle();
    desk.map.links.erase(wire);
    desk.map.links.insert(other);
    desk.settle();
    EXPECT_EQ(desk.states(), (States{LinkState::cut, made, LinkState::drawn}));
    desk.map.links.clear();
    desk.book.forget_server();
    desk.settle();
    EXPECT_EQ(desk.map.links, (std::set<LinkKey>{speaker, other}));
    EXPECT_EQ(desk.states(), (States{LinkState::cut, made, LinkState::drawn}));
}

TEST(LinkBook, forgets_a_drawn_link_that_is_cut)
{
    Desk desk;
    desk.map.links.insert(other);
    desk.settle();
    desk.map.links.erase(other);
    desk.settle();
    desk.book.forget_server();
    desk.map.links.clear();
    desk.settle();
    EXPECT_EQ(desk.map.links, (std::set<LinkKey>{wire, speaker}));
}

TEST(LinkBook, takes_away_what_is_no_longer_wished_and_lets_it_be_drawn)
{
    Desk desk;
    desk.settle();
    desk.wished = {speaker};
    desk.settle();
    EXPECT_EQ(desk.map.links, std::set<LinkKey>{speaker});
    desk.map.links.insert(wire);
    desk.settle();
    EXPECT_EQ(desk.states(), (States{made, LinkState::drawn}));
    desk.wished = {wire, speaker};
    desk.settle();
    EXPECT_EQ(desk.states(), (States{made, made}));
}

TEST(LinkBook, makes_a_link_that_is_wished_again)
{
    Desk desk;
    desk.settle();
    desk.wished = {speaker};
    desk.settle(10ms);
    desk.wished = {wire, speaker};
    desk.settle(20ms);
    EXPECT_EQ(desk.states(), (States{made, made}));
}

TEST(LinkBook, enforces_the_preset)
{
    Desk desk;
    desk.policy = LinkPolicy::enforce;
    desk.settle();
    desk.map.links.erase(wire);
    desk.map.links.insert(other);
    desk.settle();
    EXPECT_EQ(desk.map.links, (std::set<LinkKey>{wire, speaker}));
    EXPECT_EQ(desk.states(), (States{made, made}));
}

TEST(LinkBook, brings_cut_links_back_when_told_to_enforce)
{
    Desk desk;
    desk.settle();
    desk.map.links.erase(wire);
    desk.map.links.insert(other);
    desk.settle();
    desk.policy = LinkPolicy::enforce;
    desk.settle();
    EXPECT_EQ(desk.map.links, (std::set<LinkKey>{wire, speaker}));
}

TEST(LinkBook, does_not_spin_when_another_program_fights)
{
    Desk desk;
    desk.policy = LinkPolicy::enforce;
    desk.settle();
    desk.changes = 0;
    desk.meddles = [&] {
        desk.map.links.erase(wire);
        desk.map.links.insert(other);
    };
    desk.settle(60s);
    // Twice a link, after 0.1, 0.2, 0.4 … at most 5 s: 6 tries in the first 6.3 s, then one every 5 s, and what is rounded off.
    EXPECT_LE(desk.changes, 2 * (6 + 11 + 2));
    EXPECT_EQ(desk.said.size(), 2u);
}

TEST(LinkBook, tries_again_what_the_server_refuses)
{
    Desk desk;
    desk.refuses = true;
    desk.settle();
    EXPECT_EQ(desk.states(), (States{LinkState::waiting, LinkState::waiting}));
    EXPECT_FALSE(desk.book.complete());
    EXPECT_TRUE(desk.book.waiting());
    EXPECT_EQ(desk.said.size(), 2u);
    desk.refuses = false;
    desk.settle(10s);
    EXPECT_EQ(desk.states(), (States{made, made}));
}

}  // namespace
}  // namespace stemwire::host
