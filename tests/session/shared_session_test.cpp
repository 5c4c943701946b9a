// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/shared/shared_session.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/temporary_folder.hpp"

namespace stemwire::session {
namespace {

class SharedSessions : public ::testing::Test {
protected:
    std::vector<preset::NodeModel> nodes(const std::string& yaml)
    {
        auto loaded = preset::load_text("stemwire: 1\nnodes:\n" + yaml, folder_.file("test.yaml"));
        for (const Error& error : loaded.errors) ADD_FAILURE() << to_string(error);
        return loaded.preset ? loaded.preset->nodes : std::vector<preset::NodeModel>();
    }
    static Expected<void> lay_out(SharedSession& session, const std::vector<preset::NodeModel>& models)
    {
        std::deque<LiveParameters> values;
        std::vector<SharedSession::Member> members;
        for (const preset::NodeModel& model : models) members.push_back({model, values.emplace_back(model.settings)});
        return session.lay_out(members);
    }
    std::unique_ptr<SharedSession> lead()
    {
        auto session = SharedSession::lead(path_);
        EXPECT_TRUE(session) << to_string(session.error());
        return session ? std::move(*session) : nullptr;
    }
    /// What a process of its own does; its exit status.
    template <class Work>
    int in_child(Work work)
    {
        const pid_t child = fork();
        if (child == 0) _exit(work());
        int status = 0;
        waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    test::TemporaryFolder folder_;
    std::string path_ = folder_.file("band.shared");
    const std::string two_ = "  tone: { type: generator }\n  mix: { type: mixer, channels: { in: { gain: -3 dB } } }\n";
};

TEST_F(SharedSessions, are_for_their_user_alone_and_leave_nothing_behind)
{
    {
        const auto leader = lead();
        struct stat status{};
        ASSERT_EQ(stat(path_.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0600u);
    }
    EXPECT_FALSE(std::filesystem::exists(path_));
    EXPECT_FALSE(SharedSession::follow(path_));
}

TEST_F(SharedSessions, have_one_leader)
{
    const auto leader = lead();
    EXPECT_EQ(in_child([&] { return SharedSession::lead(path_) ? 1 : 0; }), 0);
}

TEST_F(SharedSessions, a_follower_in_another_process_sees_transport_cue_and_values)
{
    const auto leader = lead();
    const auto models = nodes(two_);
    ASSERT_TRUE(lay_out(*leader, models));
    LiveParameters live(models[1].settings);
    live.find("in.gain")->set(-12.0);
    leader->write_values(*leader->find("mix"), live);
    leader->layout().schedule.schedule({.at_clock = 1000, .cue = {.epoch = 7, .start = 48000}, .rolling = true}, 0);
    leader->layout().cue.set({{.epoch = 7, .start = 48000}, 48000.0, 256});
    const int answer = in_child([&] {
        const auto follower = SharedSession::follow(path_);
        if (!follower) return 1;
        LiveParameters mine(models[1].settings);
        shared::NodeRecord* record = (*follower)->find("mix");
        if (record == nullptr || !(*follower)->claim(*record)) return 2;
        (*follower)->read_values(*record, mine);
        if (mine.find("in.gain")->get() != -12.0) return 3;
        const TransportSegment segment = (*follower)->layout().schedule.at(1500);
        if (segment.epoch != 7 || segment.timeline != 48500) return 4;
        record->latency.store(512);
        record->cued_epoch.store((*follower)->layout().cue.get().cue.epoch);
        return 0;
    });
    EXPECT_EQ(answer, 0);
    EXPECT_EQ(leader->find("mix")->latency.load(), 512u);
    EXPECT_EQ(leader->find("mix")->cued_epoch.load(), 7u);
    // It ended, and gave back what it had.
    EXPECT_FALSE(SharedSession::owner(*leader->find("mix")));
}

TEST_F(SharedSessions, a_node_has_one_owner_until_that_dies)
{
    const auto leader = lead();
    ASSERT_TRUE(lay_out(*leader, nodes(two_)));
    shared::NodeRecord& record = *leader->find("tone");
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    const pid_t owner = fork();
    if (owner == 0) {
        const auto follower = SharedSession::follow(path_);
        const char answer = follower && (*follower)->claim(*(*follower)->find("tone")) ? 'y' : 'n';
        static_cast<void>(write(ready[1], &answer, 1));
        pause();
        _exit(0);
    }
    char answer = 0;
    ASSERT_EQ(read(ready[0], &answer, 1), 1);
    EXPECT_EQ(answer, 'y');
    EXPECT_EQ(SharedSession::owner(record), static_cast<std::uint32_t>(owner));
    EXPECT_FALSE(leader->claim(record));
    kill(owner, SIGKILL);
    waitpid(owner, nullptr, 0);
    EXPECT_FALSE(SharedSession::owner(record));
    EXPECT_TRUE(leader->claim(record));
    close(ready[0]);
    close(ready[1]);
}

TEST_F(SharedSessions, owners_outlive_a_new_layout_and_a_new_leader)
{
    auto leader = lead();
    ASSERT_TRUE(lay_out(*leader, nodes(two_)));
    // This process stands for one that plays on: it owns a node by itself.
    leader->find("mix")->owner.store(static_cast<std::uint32_t>(getppid()));
    leader->find("mix")->latency.store(99);
    const auto before = leader->generation();
    ASSERT_TRUE(lay_out(*leader, nodes("  new: { type: generator }\n" + two_)));
    EXPECT_NE(leader->generation(), before);
    EXPECT_EQ(leader->find("mix")->latency.load(), 99u);
    leader->layout().schedule.schedule({.at_clock = 5, .cue = {.epoch = 3}, .rolling = true}, 0);
    leader.reset();
    leader = lead();
    ASSERT_TRUE(leader);
    EXPECT_TRUE(leader->taken_over());
    EXPECT_EQ(leader->layout().schedule.at(10).epoch, 3u);
    EXPECT_EQ(leader->find("mix")->latency.load(), 99u);
    leader->find("mix")->owner.store(0);
}

}  // namespace
}  // namespace stemwire::session
