// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <thread>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "playing.hpp"

namespace stemwire::media {

namespace {

using test::Oracle;
using test::Planes;
using test::Player;
using test::open;

constexpr int file_rate_hz = 44100;

/// Reads in a thread of its own, never faster than the workers decode, and seeks now and then.
class Listener {
public:
    Listener(DecodedStream& stream, const Oracle& oracle, std::size_t block, std::size_t epochs)
        : stream_(stream), oracle_(oracle), block_(static_cast<std::uint32_t>(block)), epochs_(static_cast<Epoch>(epochs)),
          thread_([this] { listen(); }) {}
    double difference()
    {
        thread_.join();
        return difference_;
    }

private:
    void listen()
    {
        for (Epoch epoch = 1; epoch <= epochs_; ++epoch) play_epoch(epoch);
    }

    void play_epoch(Epoch epoch)
    {
        const Cue cue{.epoch = epoch, .start = (epoch - 1) * 31007 % 90000};
        stream_.cue(cue);
        while (!stream_.cued(epoch)) std::this_thread::yield();
        Planes heard(stream_.channels(), std::vector<float>(40000 / block_ * block_));
        std::vector<float*> at(heard.size());
        std::uint32_t missing = 0;
        for (std::size_t done = 0; done < heard[0].size(); done += block_) {
            while (done > 0 && !is_over(cue.start + done) && buffered_frames() < block_ + 1.0) std::this_thread::yield();
            for (std::size_t channel = 0; channel < at.size(); ++channel) at[channel] = heard[channel].data() + done;
            missing += stream_.read(epoch, cue.start + done, at, block_).missing;
        }
        difference_ = std::max(difference_, test::largest_difference(heard, oracle_.play(cue, heard[0].size())) + missing);
    }

    [[nodiscard]] double buffered_frames() const { return stream_.buffered_seconds() * file_rate_hz; }
    [[nodiscard]] bool is_over(Frames at) const { return stream_.end() && *stream_.end() <= at + block_; }

    DecodedStream& stream_;
    const Oracle& oracle_;
    std::uint32_t block_;
    Epoch epochs_;
    double difference_ = 0.0;
    std::thread thread_;
};

/// Files of which each has another sound.
std::vector<std::string> make_stems(const test::TemporaryFolder& folder, int count, double seconds, const std::string& codec)
{
    std::vector<std::string> files;
    for (int stem = 0; stem < count; ++stem) {
        files.push_back(folder.file("stem" + std::to_string(stem) + ".wav"));
        test::make_sound(files.back(), codec + " -af volume=0." + std::to_string(9 - stem), seconds, file_rate_hz, 2);
    }
    return files;
}

/// Eight streams in one file, as a muxer interleaves them.
std::string pack_stems(const test::TemporaryFolder& folder)
{
    std::string inputs;
    std::string maps;
    const auto files = make_stems(folder, 8, 3.0, "-c:a pcm_s16le");
    for (std::size_t stem = 0; stem < files.size(); ++stem) {
        inputs += " -i '" + files[stem] + "'";
        maps += " -map " + std::to_string(stem);
    }
    test::ffmpeg(inputs + maps + " -c:a flac '" + folder.file("stems.mka") + "'");
    return folder.file("stems.mka");
}

void expect_stems_play(const std::string& file, int count)
{
    DecodePool pool(2);
    std::vector<Oracle> oracles;
    std::vector<std::unique_ptr<DecodedStream>> streams;
    for (int stem = 0; stem < count; ++stem) {
        oracles.push_back({.file = test::decode_with_ffmpeg(file, 2, "-map 0:a:" + std::to_string(stem))});
        streams.push_back(open(pool, {.file = file, .stream = std::to_string(stem)}));
        ASSERT_TRUE(streams.back()->prepare(file_rate_hz, false));
    }
    std::vector<std::unique_ptr<Listener>> listeners;
    for (std::size_t stem = 0; stem < streams.size(); ++stem)
        listeners.push_back(std::make_unique<Listener>(*streams[stem], oracles[stem], 64 + 97 * stem, 2 + stem % 3));
    for (std::size_t stem = 0; stem < streams.size(); ++stem) EXPECT_EQ(listeners[stem]->difference(), 0.0) << "stem " << stem;
}

class SharedFileTest : public testing::Test {
protected:
    test::TemporaryFolder folder_;
};

TEST_F(SharedFileTest, plays_eight_streams_of_one_file_at_different_speeds)
{
    expect_stems_play(pack_stems(folder_), 8);
}

TEST_F(SharedFileTest, plays_eight_streams_that_stand_one_behind_the_other)
{
    test::pack_one_behind_the_other(make_stems(folder_, 8, 3.0, "-c:a pcm_s16le"), folder_.file("stems.mka"));
    expect_stems_play(folder_.file("stems.mka"), 8);
}

TEST_F(SharedFileTest, plays_streams_that_stand_further_apart_than_a_queue_holds)
{
    // 26 s of 44.1 kHz stereo float are 9.2 MB: more than the 8 MB of a queue.
    test::pack_one_behind_the_other(make_stems(folder_, 3, 26.0, "-c:a pcm_f32le"), folder_.file("stems.mka"));
    expect_stems_play(folder_.file("stems.mka"), 3);
}

/// How much memory a process of its own takes at most, beyond what it had, to play all streams together. In MiB.
long memory_to_play(const std::string& file, int count)
{
    const pid_t child = fork();
    if (child == 0) {
        const auto peak_mib = [] {
            rusage usage{};
            getrusage(RUSAGE_SELF, &usage);
            return usage.ru_maxrss / 1024;
        };
        DecodePool pool(0);
        std::vector<std::unique_ptr<DecodedStream>> streams;
        for (int stem = 0; stem < count; ++stem) {
            streams.push_back(open(pool, {.file = file, .stream = std::to_string(stem)}));
            if (!streams.back()->prepare(file_rate_hz, true)) _exit(255);
            streams.back()->cue({.epoch = 1});
        }
        const long before = peak_mib();
        for (Frames from = 0; from < 60 * file_rate_hz; from += 4096)
            for (const auto& stream : streams) Player(*stream).play(1, from, 4096);
        _exit(static_cast<int>(std::min(peak_mib() - before, 254L)));
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

TEST_F(SharedFileTest, plays_any_interleaving_in_bounded_memory)
{
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "AddressSanitizer keeps what is freed";
#endif
    // 60 s of 44.1 kHz stereo float are 20 MiB a stream: what waits in queues of 8 MiB must not grow to the 40 of what is passed over.
    test::pack_one_behind_the_other(make_stems(folder_, 3, 60.0, "-c:a pcm_f32le"), folder_.file("stems.mka"));
    EXPECT_LT(memory_to_play(folder_.file("stems.mka"), 3), 32);
}

TEST_F(SharedFileTest, fills_streams_of_one_file_from_several_threads_offline)
{
    const auto file = pack_stems(folder_);
    DecodePool pool(0);
    std::vector<std::unique_ptr<DecodedStream>> streams;
    std::vector<std::thread> threads;
    std::vector<Planes> heard(8);
    for (int stem = 0; stem < 8; ++stem) {
        streams.push_back(open(pool, {.file = file, .stream = std::to_string(stem)}));
        ASSERT_TRUE(streams.back()->prepare(file_rate_hz, true));
        streams.back()->cue({.epoch = 1, .start = 60000});
    }
    for (std::size_t stem = 0; stem < 8; ++stem)
        threads.emplace_back([&, stem] { heard[stem] = Player(*streams[stem]).play(1, 60000, 50000); });
    for (auto& thread : threads) thread.join();
    for (std::size_t stem = 0; stem < 8; ++stem) {
        const Oracle oracle{.file = test::decode_with_ffmpeg(file, 2, "-map 0:a:" + std::to_string(stem))};
        EXPECT_EQ(test::largest_difference(heard[stem], oracle.play({.start = 60000}, 50000)), 0.0) << "stem " << stem;
    }
}

}  // namespace

}  // namespace stemwire::media
