// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "media/encoders.hpp"
#include "nodes/recorder/parameters.hpp"
#include "nodes/recorder/take_writer.hpp"
#include "tests/support/decoded.hpp"
#include "tests/support/node_bench.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/wav.hpp"

namespace stemwire::nodes {
namespace {

using test::decoded;
using test::relative_error;
using test::Signals;

constexpr std::uint32_t second = 48'000;
constexpr std::uint32_t block = 480;

media::EncodeRequest request(std::vector<PortGroup> streams = {})
{
    return {.rate_hz = second, .layout = ChannelLayout::stereo(), .format = media::SampleFormat::f32, .grows = true, .streams = std::move(streams)};
}

/// Audio that codecs can hold: two sines whose channels differ.
Signals tones(std::size_t frames)
{
    return {test::sine_channel(frames, 441.0, 0.4), test::sine_channel(frames, 777.0, 0.3)};
}

void append(Tape& tape, const Signals& audio, std::size_t from, std::size_t frames)
{
    std::vector<const float*> in;
    for (const auto& channel : audio) in.push_back(channel.data() + from);
    tape.append(in, 0, static_cast<std::uint32_t>(frames));
}

TEST(Take, what_was_dropped_is_silence_and_all_that_follows_is_in_time)
{
    const test::TemporaryFolder folder;
    const Signals audio{test::noise_channel(second, 1), test::noise_channel(second, 2)};
    Tape tape(2, 4 * Tape::piece_frames, 0);
    TakeWriter writer(tape, {folder.file("a.wav"), "n"}, request(), 0);
    tape.begin(0);
    std::vector<const float*> in{audio[0].data(), audio[1].data()};
    const std::uint32_t dropped = tape.append(in, 0, 20'000);  // the encoder has stopped
    ASSERT_GT(dropped, 0u);
    EXPECT_EQ((20'000 - dropped) % Tape::piece_frames, 0u);  // whole blocks
    writer.work();
    EXPECT_EQ(tape.append(in, 20'000, 3'000), 0u);
    writer.work();
    const std::uint32_t last = tape.append(in, 23'000, 25'000);
    ASSERT_GT(last, 0u);
    tape.end();
    writer.work();
    const auto back = test::read_audio(folder.file("a.wav")).channels;
    for (std::size_t channel = 0; channel < 2; ++channel) {
        std::vector<float> wanted = audio[channel];
        std::fill(wanted.begin() + (20'000 - dropped), wanted.begin() + 20'000, 0.0f);
        std::fill(wanted.end() - last, wanted.end(), 0.0f);
        EXPECT_EQ(back[channel], wanted);
    }
    EXPECT_EQ(writer.take_message(), std::nullopt);
}

TEST(Take, starts_and_splits_always_find_room_for_their_end)
{
    const test::TemporaryFolder folder;
    Tape tape(2, Tape::piece_frames, 0);
    int takes = 0;
    for (; tape.may_begin(); ++takes) {
        tape.begin(0);
        tape.skip(1);
        tape.end();
    }
    EXPECT_GT(takes, 10);
    int begun = 0, ended = 0;
    while (const auto message = tape.next()) (message->what == Tape::Message::What::begin ? begun : ended) += 1;
    EXPECT_EQ(begun, takes);
    EXPECT_EQ(ended, takes);
}

TEST(Take, every_format_holds_it_from_its_first_frame)
{
    const test::TemporaryFolder folder;
    const Signals audio = tones(2 * second);
    for (const char* name : {"a.wav", "a.flac", "a.mka", "a.opus", "a.m4a", "a.mp3"}) {
        Tape tape(2, 3 * second, 0);
        TakeWriter writer(tape, {folder.file(name), "n"}, request(), 0);
        tape.begin(0);
        append(tape, audio, 0, 2 * second);
        tape.end();
        writer.work();
        EXPECT_EQ(writer.take_message(), std::nullopt);
        const Signals back = decoded(folder, name);
        ASSERT_GE(back[0].size(), 2 * second) << name;
        const std::string ending = std::filesystem::path(name).extension().string();
        const bool lossless = ending == ".wav" || ending == ".flac" || ending == ".mka";
        // 24 bits: half a step of 2^-23 is far below -120 dB; one frame's shift of these tones would be an error above 5 %.
        for (std::size_t channel = 0; channel < 2; ++channel)
            EXPECT_LT(relative_error(audio[channel], back[channel], second / 2, second), lossless ? 1e-6 : 0.03) << name;
    }
}

TEST(Take, each_group_is_a_stream_of_a_matroska_file)
{
    const test::TemporaryFolder folder;
    Signals audio = tones(second);
    audio.push_back(test::sine_channel(second, 1'234.0, 0.2));
    Tape tape(3, 2 * second, 0);
    TakeWriter writer(tape, {folder.file("a.mka"), "n"}, request({{"band", ChannelLayout::stereo()}, {"voice", ChannelLayout::mono()}}), 0);
    tape.begin(0);
    append(tape, audio, 0, second);
    tape.end();
    writer.work();
    const Signals band = decoded(folder, "a.mka");
    const Signals voice = decoded(folder, "a.mka", 1, "0:a:1");
    ASSERT_EQ(band[0].size(), second);
    ASSERT_EQ(voice[0].size(), second);
    EXPECT_LT(relative_error(audio[1], band[1], 0, second), 1e-6);
    EXPECT_LT(relative_error(audio[2], voice[0], 0, second), 1e-6);
}

TEST(Take, a_kill_at_any_moment_leaves_all_but_the_last_second_to_be_played)
{
    auto* fed = static_cast<std::atomic<std::uint64_t>*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    const Signals audio = tones(10 * second);
    for (const char* name : {"a.wav", "a.flac", "a.mka", "a.opus", "a.m4a", "a.mp3", "a.aac"}) {
        const test::TemporaryFolder folder;
        fed->store(0);
        const pid_t child = fork();
        if (child == 0) {
            Tape tape(2, second, 0);
            TakeWriter writer(tape, {folder.file(name), "n"}, request(), 0);
            tape.begin(0);
            for (std::size_t at = 0;; at = (at + block) % (10 * second)) {
                append(tape, audio, at, block);
                writer.work();
                fed->fetch_add(block);
                usleep(1'000);
            }
        }
        while (fed->load() < 3 * second) usleep(1'000);
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        const std::uint64_t frames = fed->load();
        const Signals back = decoded(folder, name);
        EXPECT_GE(back[0].size() + second, frames) << name;
        ASSERT_GE(back[0].size(), 2 * second) << name;
        // ADTS never knows its codec's delay, MP3 only once it is finished.
        const bool aligned = std::string(name) != "a.aac" && std::string(name) != "a.mp3";
        if (aligned) {
            EXPECT_LT(relative_error(audio[0], back[0], second / 2, second), 0.03) << name;
        }
    }
    munmap(fed, 4096);
}

TEST(Take, a_full_disk_ends_the_file_cleanly_and_says_so)
{
    const test::TemporaryFolder folder;
    if (mount("none", folder.path().c_str(), "tmpfs", 0, "size=2m") != 0) GTEST_SKIP() << "needs the right to mount";
    const Signals audio = tones(second);
    for (const char* name : {"a.wav", "a.flac", "a.mka"}) {
        Tape tape(2, 2 * second, 0);
        TakeWriter writer(tape, {folder.file(name), "n"}, request(), 0);
        tape.begin(0);
        for (int i = 0; i < 40; ++i) {
            append(tape, audio, 0, second);
            writer.work();
        }
        tape.end();
        writer.work();
        EXPECT_NE(writer.take_message().value_or("").find("the disk is full"), std::string::npos) << name;
        EXPECT_EQ(writer.take_message(), std::nullopt);
        const auto outcome = test::run_program({"ffmpeg", "-v", "error", "-i", folder.file(name), "-f", "null", "-"});
        EXPECT_EQ(outcome.status, 0);
        EXPECT_EQ(outcome.err, "") << name;  // whole to the last byte
        std::filesystem::remove(folder.file(name));
    }
    umount(folder.path().c_str());
}

TEST(Take, a_wav_that_grows_past_its_counter_becomes_rf64)
{
    const test::TemporaryFolder folder;
    const Signals audio{test::noise_channel(second, 1), test::noise_channel(second, 2)};
    media::EncodeRequest wanted = request();
    wanted.file = folder.file("a.wav");
    auto encoder = media::make_wav_encoder(wanted, 100'000);
    ASSERT_TRUE(encoder);
    const auto magic = [&] {
        std::string word(4, ' ');
        std::ifstream(wanted.file, std::ios::binary).read(word.data(), 4);
        return word;
    };
    const std::vector<const float*> in{audio[0].data(), audio[1].data()};
    ASSERT_TRUE((*encoder)->write(in, 1'000));
    ASSERT_TRUE((*encoder)->checkpoint());
    EXPECT_EQ(magic(), "RIFF");
    const std::vector<const float*> rest{audio[0].data() + 1'000, audio[1].data() + 1'000};
    ASSERT_TRUE((*encoder)->write(rest, second - 1'000));
    ASSERT_TRUE((*encoder)->checkpoint());
    EXPECT_EQ(magic(), "RF64");
    EXPECT_EQ(test::read_audio(wanted.file).channels, audio);
}

TEST(TakeName, has_the_time_the_node_and_the_take)
{
    const std::tm time{.tm_sec = 9, .tm_min = 8, .tm_hour = 7, .tm_mday = 6, .tm_mon = 4, .tm_year = 126};
    EXPECT_EQ(take_name({"/a%t/%Y%m%d-%H%M%S %n 100%% %t.wav", "drums"}, 12, time), "/a%t/20260506-070809 drums 100% 012.wav");
    EXPECT_EQ(take_name({"/a/b.wav", "n"}, 1, time), "/a/b.wav");
    EXPECT_EQ(take_name({"/a/b.wav", "n"}, 3, time), "/a/b-3.wav");
}

TEST(TakeName, is_refused_where_it_means_nothing_or_nobody_may_write)
{
    const auto message = [](const std::string& path) {
        const auto checked = check_pattern(path);
        return checked ? std::string() : checked.error().message;
    };
    EXPECT_EQ(message("/tmp/%Y-%t.wav"), "");
    EXPECT_NE(message("/tmp/%q.wav").find("'%q' stands for nothing"), std::string::npos);
    EXPECT_NE(message("/tmp/a%").find("'%' stands for nothing"), std::string::npos);
    EXPECT_EQ(message("/no/such/a.wav"), "the folder /no/such does not exist");
    const test::TemporaryFolder folder;
    const pid_t child = fork();
    if (child == 0) {
        constexpr uid_t nobody = 65'534;
        if (geteuid() == 0 && setuid(nobody) != 0) _exit(2);
        std::filesystem::path closed = "/";
        _exit(message((closed / "a.wav").string()).find("the folder / cannot be written") != std::string::npos ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

TEST(TakeName, check_says_where_the_preset_is_wrong)
{
    Settings settings(recorder_parameters());
    settings["file"].text = "/no/such/a.wav";
    settings["file"].mark = {7, 3};
    Errors errors;
    check_recorder(settings, errors);
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_EQ(errors[0].mark, (Mark{7, 3}));
    settings["inputs"].layouts = {{"a", ChannelLayout::mono()}, {"b", ChannelLayout::mono()}};
    errors.clear();
    recorder_ports(settings, test::NoHints{}, errors);
    ASSERT_EQ(errors.size(), 1u);
    EXPECT_NE(errors[0].message.find(".mka holds several"), std::string::npos);
}

}  // namespace
}  // namespace stemwire::nodes
