// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <set>
#include <thread>

#include <unistd.h>

#include "tests/guard/node_rig.hpp"
#include "tests/support/lambda_node.hpp"

namespace stemwire::test {
namespace {

/// What the guard says of a node that does this in its cycle.
std::string caught(const std::function<void()>& misdeed)
{
    NodeRig rig({"", std::make_shared<LambdaNode>([&](const Block&) { misdeed(); }), mono_ports(1, 1)});
    rig.run(64);
    return rig.says().substr(2);
}

TEST(Guard, bites_whatever_a_node_does_that_it_must_not)
{
    std::mutex mutex;
    std::condition_variable condition;
    EXPECT_EQ(caught([] {}), "");
    EXPECT_EQ(caught([] {
                  void* volatile memory = std::malloc(64);
                  std::free(memory);
              }),
              "malloc free");
    EXPECT_NE(caught([] { std::vector<std::string>(3, std::string(100, 'x')).clear(); }).find("malloc"), std::string::npos);
    EXPECT_EQ(caught([&] { const std::lock_guard lock(mutex); }), "pthread_mutex_lock");
    EXPECT_EQ(caught([&] { condition.notify_one(); }), "pthread_cond_signal");
    EXPECT_EQ(caught([&] { condition.notify_all(); }), "pthread_cond_broadcast");
    EXPECT_NE(caught([] { std::this_thread::sleep_for(std::chrono::microseconds(1)); }), "");
    EXPECT_EQ(caught([] { static_cast<void>(write(-1, "", 0)); }), "write");
    EXPECT_EQ(caught([] { close(-1); }), "close");
    EXPECT_NE(caught([] { std::thread([] {}).join(); }).find("pthread_create"), std::string::npos);
    const std::string thrown = caught([] {
        try {
            throw 1;
        } catch (int) {
        }
    });
    EXPECT_NE(thrown.find("throw"), std::string::npos) << thrown;
}

TEST(Guard, watches_a_node_of_every_type)
{
    std::set<std::string> types;
    for (const std::string& text : NodeCases().texts()) types.insert(text.substr(6, text.find(',') - 6));
    for (const NodeType* type : node_types()) EXPECT_TRUE(types.contains(std::string(type->name))) << type->name;
}

TEST(Guard, finds_nothing_in_any_node_at_any_end_of_its_live_parameters)
{
    NodeCases cases;
    for (const std::string& text : cases.texts()) {
        NodeRig rig(cases.make(text));
        rig.seek(0);
        rig.run_all_blocks();
        for (LiveValue& value : rig.node().live().all()) {
            const double before = value.get();
            for (const double end : {value.parameter().minimum, value.parameter().maximum}) {
                value.set(end);
                rig.run_all_blocks();
                ASSERT_EQ(rig.offences(), 0u) << rig.says() << " at " << value.address() << " = " << end;
            }
            value.set(before);
        }
        rig.hear([](std::size_t, std::size_t) { return 0.0f; });
        for (int i = 0; i < 20; ++i) rig.run_all_blocks();
        EXPECT_EQ(rig.offences(), 0u) << rig.says() << " in silence";
    }
}

TEST(Guard, finds_nothing_in_any_node_made_with_any_extreme)
{
    NodeCases cases;
    for (const std::string& text : cases.texts())
        cases.each_extreme(text, [](MadeNode made) {
            NodeRig rig(std::move(made));
            rig.seek(0);
            rig.run_all_blocks();
            EXPECT_EQ(rig.offences(), 0u) << rig.says();
        });
}

TEST(Guard, finds_nothing_in_any_node_through_seeks_and_pauses)
{
    NodeCases cases;
    for (const std::string& text : cases.texts()) {
        NodeRig rig(cases.make(text));
        for (const Frames to : {0, 24'000, 47'990, 100, 480'000}) {
            rig.seek(to);
            rig.run_all_blocks();
        }
        rig.pause();
        rig.run_all_blocks();
        EXPECT_EQ(rig.offences(), 0u) << rig.says();
    }
}

TEST(Guard, finds_nothing_while_a_node_takes_the_place_of_another)
{
    NodeCases cases;
    for (const std::string& text : cases.texts()) {
        NodeRig rig(cases.make(text));
        rig.seek(0);
        rig.run_all_blocks();
        for (int turn = 0; turn < 3; ++turn) {
            rig.replace(cases.make(text));
            rig.seek(turn);
            for (int cycle = 0; cycle < 3 + turn; ++cycle) rig.run_all_blocks();
            rig.runner().collect();
        }
        EXPECT_EQ(rig.offences(), 0u) << rig.says();
    }
}

TEST(Guard, finds_nothing_while_a_reverb_takes_another_impulse)
{
    NodeCases cases;
    NodeRig rig(cases.make("type: reverb, impulse: ir.wav"));
    for (const char* impulse : {"ir-2.wav", "ir.wav", "ir-2.wav"}) {
        rig.replace(cases.make("type: reverb, channels: stereo, impulse: " + std::string(impulse)));
        // Some on the heels of the one before, which then has to hurry.
        for (int cycle = 0; cycle < 2; ++cycle) rig.run_all_blocks();
        rig.runner().collect();
    }
    EXPECT_EQ(rig.offences(), 0u) << rig.says();
}

}  // namespace
}  // namespace stemwire::test
