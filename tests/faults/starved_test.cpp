// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include <sys/ptrace.h>
#include <sys/wait.h>

#include "tests/faults/faults.hpp"

namespace stemwire::test {
namespace {

namespace fs = std::filesystem;

/// Threads of another process that stand still until this is destroyed, as those that wait for a disk do, while its others go on.
class StoppedThreads {
public:
    StoppedThreads(int pid, const std::string& name)
    {
        for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
            std::string its_name;
            std::getline(std::ifstream(task.path() / "comm"), its_name);
            if (its_name == name) stop(std::stoi(task.path().filename().string()));
        }
    }
    ~StoppedThreads()
    {
        for (const int thread : threads_) ptrace(PTRACE_DETACH, thread, nullptr, nullptr);
    }
    StoppedThreads(const StoppedThreads&) = delete;
    StoppedThreads& operator=(const StoppedThreads&) = delete;

    [[nodiscard]] bool allowed() const { return allowed_; }
    [[nodiscard]] std::size_t count() const { return threads_.size(); }

private:
    void stop(int thread)
    {
        if (ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) != 0) {
            allowed_ = errno != EPERM;
            return;
        }
        ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr);
        int status = 0;
        waitpid(thread, &status, __WALL);
        threads_.push_back(thread);
    }

    std::vector<int> threads_;
    bool allowed_ = true;
};

/// Frames from a place in the stem to where it was recorded; nothing where those samples of the stem are not heard behind `from`.
std::optional<std::ptrdiff_t> offset_behind(const std::vector<float>& heard, const std::vector<float>& stem, std::size_t from)
{
    constexpr std::ptrdiff_t sure = 64;
    const auto sounds = std::find_if(heard.begin() + static_cast<std::ptrdiff_t>(from), heard.end(), [](float sample) { return sample != 0.0f; });
    if (heard.end() - sounds < sure) return std::nullopt;
    const auto in_stem = std::search(stem.begin(), stem.end(), sounds, sounds + sure);
    if (in_stem == stem.end()) return std::nullopt;
    return (sounds - heard.begin()) - (in_stem - stem.begin());
}

class Starved : public Faults {
protected:
    void SetUp() override
    {
        Audio audio;
        auto& samples = audio.channels.emplace_back();
        for (std::size_t i = 0; i < 60 * 48'000; ++i) samples.push_back(0.3f * noise(i, 0));
        write_audio(folder_.file("long.wav"), audio);
    }
    /// What is behind a silence of so many frames in the take is as far into the stem as what is before it.
    void expect_gap_in_time(std::size_t frames) const
    {
        const auto taken = read_audio(folder_.file("take.wav")).channels[0];
        const auto stem = read_audio(folder_.file("long.wav")).channels[0];
        const auto gap = std::search_n(taken.begin(), taken.end(), frames, 0.0f);
        ASSERT_NE(gap, taken.end()) << "nothing was lost: " << program_->err();
        const auto before = offset_behind(taken, stem, 0);
        const auto after = offset_behind(taken, stem, static_cast<std::size_t>(gap - taken.begin()));
        ASSERT_TRUE(before && after) << program_->err();
        EXPECT_EQ(*after, *before);
    }
    std::uint64_t missing(const std::string& node) const
    {
        const auto now = status();
        for (const auto& each : now["nodes"])
            if (each["name"] == node) return each.value("missing_frames", std::uint64_t{0});
        return 0;
    }
};

TEST_F(Starved, tracks_whose_decoders_stand_still_are_silent_counted_and_in_time_again_after)
{
    // A recorder keeps time through cycles that the machine misses.
    folder_.write("band.yaml", "stemwire: 1\nnodes:\n  stem: { type: track, file: long.wav, buffer: 0.2 s }\n"
                               "  tape: { type: recorder, file: take.wav, samples: f32 }\nlinks: [ stem -> tape ]\n");
    start();
    ASSERT_TRUE(wait_until([&] { return plays(); })) << program_->err();
    ASSERT_TRUE(goes_on());
    {
        const StoppedThreads decoders(program_->pid(), "stemwire-decode");
        if (!decoders.allowed()) GTEST_SKIP() << "needs the right to trace";
        ASSERT_GT(decoders.count(), 0u);
        EXPECT_TRUE(wait_until([&] { return missing("stem") >= 2 * 48'000; })) << status().dump(1);
        EXPECT_EQ(ask({"set", "stem.gain", "0 dB"}).status, 0) << "nobody else waits for them";
    }
    // Nothing is missing any more once it stays the same while it plays.
    EXPECT_TRUE(wait_until([&] {
        const auto before = missing("stem");
        return goes_on() && missing("stem") == before;
    }));
    EXPECT_TRUE(goes_on());
    expect_ordered_end();
    expect_gap_in_time(48'000);
}

TEST_F(Starved, a_recorder_whose_disk_stands_still_counts_what_it_lost_and_its_file_keeps_time)
{
    folder_.write("band.yaml", "stemwire: 1\nnodes:\n  stem: { type: track, file: long.wav }\n"
                               "  tape: { type: recorder, file: take.wav, samples: f32, queue: 100 ms }\nlinks: [ stem -> tape ]\n");
    start();
    ASSERT_TRUE(wait_until([&] { return plays(); })) << program_->err();
    {
        const StoppedThreads encoders(program_->pid(), "stemwire-encode");
        if (!encoders.allowed()) GTEST_SKIP() << "needs the right to trace";
        ASSERT_GT(encoders.count(), 0u);
        EXPECT_TRUE(wait_until([&] { return missing("tape") >= 48'000; })) << status().dump(1);
    }
    EXPECT_TRUE(says("tape: ")) << program_->err();
    EXPECT_TRUE(wait_until([&] {
        const auto before = missing("tape");
        return goes_on() && missing("tape") == before;
    }));
    expect_ordered_end();
    expect_gap_in_time(24'000);
}

}  // namespace
}  // namespace stemwire::test
