// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include "tests/live/live_sessions.hpp"
#include "tests/support/decoded.hpp"
#include "tests/support/program.hpp"

namespace stemwire::session {
namespace {

using test::Audio;

constexpr std::size_t second = 48'000;
constexpr std::size_t fade = second / 200;  ///< with which a track comes back after a pause

/// What is played: two tones, and a grain that makes every frame unlike all others, in steps of 24 bits so that lossless files hold it exactly.
std::vector<float> sound(std::size_t channel, std::size_t frames)
{
    std::vector<float> samples(frames);
    for (std::size_t i = 0; i < frames; ++i) {
        const double tone = 0.2 * std::sin(2.0 * M_PI * (channel == 0 ? 441.0 : 777.0) * static_cast<double>(i) / static_cast<double>(second));
        samples[i] = static_cast<float>(std::round((tone + 0.004 * static_cast<double>(test::noise(i, channel))) * 8'388'608.0) / 8'388'608.0);
    }
    return samples;
}

class LiveRecorder : public LiveSessions {
protected:
    void SetUp() override
    {
        LiveSessions::SetUp();
        test::write_audio(folder_.file("song.wav"), {.channels = song_});
    }

    /// A preset in which the song is played and heard by these recorders: `name: { settings }`.
    [[nodiscard]] static std::string preset(const std::vector<std::pair<std::string, std::string>>& recorders)
    {
        std::string nodes = "  song: { type: track, file: song.wav }\n";
        std::string links = "  - song -> speakers\n";
        for (const auto& [name, settings] : recorders) {
            nodes += "  " + name + ": { type: recorder, " + settings + " }\n";
            links += "  - song -> " + name + "\n";
        }
        return "stemwire: 1\nnodes:\n" + nodes + "external: { speakers: { sink: default } }\nlinks:\n" + links;
    }

    [[nodiscard]] std::vector<std::vector<float>> lossless(const std::string& name) const
    {
        return name.ends_with(".mka") ? test::decoded(folder_, name) : test::read_audio(folder_.file(name)).channels;
    }

    /// The take is the song from this frame on; where it began after a pause, from behind the track's fade.
    void expect_song(const std::vector<std::vector<float>>& take, std::size_t from, std::size_t faded = 0)
    {
        for (std::size_t channel = 0; channel < take.size(); ++channel) {
            const std::size_t frames = take[channel].size();
            ASSERT_LE(from + frames, song_[channel].size());
            std::size_t wrong = 0;
            std::size_t last_wrong = 0;
            for (std::size_t i = faded; i < frames; ++i)
                if (take[channel][i] != song_[channel][from + i]) {
                    ++wrong;
                    last_wrong = i;
                }
            if (wrong > 0) complain("channel " + std::to_string(channel) + ": " + std::to_string(wrong) + " of " + std::to_string(frames) + " frames are wrong, the last is " + std::to_string(last_wrong));
        }
    }

    /// Plays until nothing is wrong: on a machine that is busy elsewhere, cycles are missed, and a node may hear of another's too late.
    void play_until_whole(const std::function<void()>& play)
    {
        for (int attempt = 0; attempt < 5; ++attempt) {
            for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
                if (entry.path().filename() != "song.wav" && entry.is_regular_file()) std::filesystem::remove(entry.path());
            complaints_.clear();
            play();
            if (complaints_.empty() || HasFailure() || IsSkipped()) return;
        }
        for (const std::string& complaint : complaints_) ADD_FAILURE() << complaint;
    }
    void complain(const std::string& what)
    {
        const ::testing::TestInfo* test = ::testing::UnitTest::GetInstance()->current_test_info();
        complaints_.push_back(std::string(test->name()) + ": " + what);
    }
    void expect(bool so, const std::string& what)
    {
        if (!so) complain(what);
    }

    /// The frame of the song at which a take begins.
    std::size_t place(const std::vector<std::vector<float>>& take, std::size_t faded = 0)
    {
        const std::size_t probe = std::min<std::size_t>(64, take[0].size() - faded);
        const auto first = take[0].begin() + static_cast<std::ptrdiff_t>(faded);
        const auto found = std::search(song_[0].begin(), song_[0].end(), first, first + static_cast<std::ptrdiff_t>(probe));
        if (found == song_[0].end()) {
            complain("a take begins nowhere in the song");
            return 0;
        }
        return static_cast<std::size_t>(found - song_[0].begin()) - faded;
    }

    std::vector<std::string> complaints_;
    std::vector<std::vector<float>> song_{sound(0, 20 * second), sound(1, 20 * second)};
};

/// Steps of a script: each is done when the song has come so far, or when the one before has been answered.
class Script {
public:
    struct Step {
        double at_seconds;
        std::function<void(SessionControl&, SessionControl::Done)> act;
    };
    explicit Script(std::vector<Step> steps) : steps_(std::move(steps)) {}

    bool operator()(SessionControl& session)
    {
        if (waiting_) return false;
        if (next_ == steps_.size()) return true;
        if (session.status().seconds < steps_[next_].at_seconds) return false;
        waiting_ = true;
        steps_[next_++].act(session, [this](const Expected<void>& done) {
            EXPECT_TRUE(done);
            waiting_ = false;
        });
        return false;
    }

private:
    std::vector<Step> steps_;
    std::size_t next_ = 0;
    bool waiting_ = false;
};

/// Sets a parameter of all these nodes.
Script::Step turn(double at_seconds, std::vector<std::string> addresses, std::string value)
{
    return {at_seconds, [addresses = std::move(addresses), value = std::move(value)](SessionControl& session, const SessionControl::Done& done) {
                for (const std::string& address : addresses) EXPECT_TRUE(session.set(address, value));
                done({});
            }};
}

Script::Step pause_at(double at_seconds)
{
    return {at_seconds, [](SessionControl& session, SessionControl::Done done) { session.pause(std::move(done)); }};
}

/// Notes where a pause has left the timeline.
Script::Step start_noting(std::size_t& paused_at)
{
    return {0.0, [&paused_at](SessionControl& session, SessionControl::Done done) {
                paused_at = session.status().frame;
                session.start(std::move(done));
            }};
}

TEST_F(LiveRecorder, lossless_takes_are_what_was_played_from_the_frame_of_the_start_to_that_of_the_pause)
{
    play_until_whole([&] {
        std::size_t paused_at = 0;
        Script script({pause_at(0.5),
                       start_noting(paused_at),
                       turn(1.0, {"wav.split", "flac.split", "mka.split"}, "1"), pause_at(1.5)});
        run(preset({{"wav", "file: wav-%t.wav"}, {"flac", "file: flac-%t.flac"}, {"mka", "file: mka-%t.mka"}}), std::ref(script));
        ASSERT_GE(paused_at, second / 2);
        for (const std::string kind : {"wav", "flac", "mka"}) {
            SCOPED_TRACE(kind);
            const auto first = lossless(kind + "-001." + kind);
            expect(first[0].size() == paused_at, "the first take does not end with the pause");
            expect_song(first, 0);
            const auto second_take = lossless(kind + "-002." + kind);
            expect_song(second_take, paused_at, fade);
            expect_song(lossless(kind + "-003." + kind), paused_at + second_take[0].size());
            EXPECT_FALSE(std::filesystem::exists(folder_.file(kind + "-004." + kind)));
        }
    });
}

TEST_F(LiveRecorder, takes_of_what_is_late_are_in_time_with_those_of_what_is_not)
{
    const std::string yaml = "stemwire: 1\nnodes:\n  song: { type: track, file: song.wav }\n  lim: { type: effects, chain: [ limiter: { ceiling: 0 dB } ] }\n"
                             "  dry: { type: recorder, file: dry-%t.wav }\n  wet: { type: recorder, file: wet-%t.wav, samples: f32 }\n"
                             "external: { speakers: { sink: default } }\nlinks: [ song -> lim -> speakers, song -> dry, lim -> wet ]\n";
    play_until_whole([&] {
        std::size_t paused_at = 0;
        Script script({pause_at(0.5),
                       start_noting(paused_at),
                       pause_at(1.2),
                       // Once that is done, more frames have passed than the limiter is late by: the end of what it was playing is heard.
                       {0.0, [&](SessionControl& session, SessionControl::Done done) { session.seek(1.0, std::move(done)); }}});
        run(yaml, std::ref(script));
        for (const std::string take : {"001", "002"}) {
            SCOPED_TRACE(take);
            const auto dry = lossless("dry-" + take + ".wav");
            const auto wet = lossless("wet-" + take + ".wav");
            expect_song(dry, take == "001" ? 0 : paused_at, take == "001" ? 0 : fade);
            expect(dry[0].size() == wet[0].size(), "the takes are not equally long: " + std::to_string(dry[0].size()) + " and " + std::to_string(wet[0].size()));
            for (std::size_t channel = 0; channel < 2; ++channel)
                expect(test::difference_db(wet[channel], dry[channel]) < -100.0, "what came late is not in its place: " + std::to_string(test::difference_db(wet[channel], dry[channel])) + " dB in take " + take);
        }
    });
}

TEST_F(LiveRecorder, arm_and_record_begin_and_end_takes_while_the_song_goes_on)
{
    play_until_whole([&] {
        Script script({turn(0.4, {"armed.arm"}, "true"), turn(0.8, {"armed.arm", "manual.record"}, "false"), turn(0.9, {"manual.record"}, "true"),
                       turn(1.3, {"manual.record"}, "false"), pause_at(1.5)});
        run(preset({{"armed", "file: armed-%t.wav, arm: false"}, {"manual", "file: manual-%t.wav, when: manual, preroll: 250 ms"}, {"all", "file: all-%t.flac"}}), std::ref(script));
        expect_song(lossless("all-001.flac"), 0);
        const auto armed = lossless("armed-001.wav");
        const auto manual = lossless("manual-001.wav");
        const std::size_t armed_at = place(armed);
        const std::size_t manual_at = place(manual);
        expect_song(armed, armed_at);
        expect_song(manual, manual_at);
        expect(armed_at >= static_cast<std::size_t>(0.4 * second), "it began before it was armed");
        // The preroll is from before the wish, which came at 0.9 s at the earliest.
        expect(manual_at >= static_cast<std::size_t>(0.65 * second), "the preroll is too long");
        EXPECT_GE(manual[0].size(), second / 4);
        EXPECT_FALSE(std::filesystem::exists(folder_.file("armed-002.wav")));
        EXPECT_FALSE(std::filesystem::exists(folder_.file("manual-002.wav")));
    });
}

TEST_F(LiveRecorder, lossy_takes_are_in_time_to_the_frame)
{
    play_until_whole([&] {
        Script script({pause_at(2.0)});
        run(preset({{"opus", "file: a.opus"}, {"m4a", "file: a.m4a"}, {"mp3", "file: a.mp3"}}), std::ref(script));
        for (const char* name : {"a.opus", "a.m4a", "a.mp3"}) {
            const auto take = test::decoded(folder_, name);
            ASSERT_GE(take[0].size(), 2 * second) << name;
            // The grain is 2 % of the tones and may be lost; one frame's shift of the tones would be 5.8 and 10 %.
            for (std::size_t channel = 0; channel < 2; ++channel) expect(test::relative_error(song_[channel], take[channel], second / 2, second) < 0.045, std::string("the take is not in time: ") + name);
        }
    });
}

TEST_F(LiveRecorder, each_input_group_is_a_stream_of_a_matroska_file)
{
    play_until_whole([&] {
        test::write_audio(folder_.file("voice.wav"), {.channels = {song_[1]}});
        std::string nodes = "  song: { type: track, file: song.wav }\n  voice: { type: track, file: voice.wav }\n";
        std::string groups;
        std::string links;
        constexpr int many = 16;
        for (int i = 0; i < many; ++i) {
            const std::string name = "in" + std::to_string(i);
            groups += (i == 0 ? "" : ", ") + name + (i % 2 == 0 ? ": stereo" : ": mono");
            links += "  - " + std::string(i % 2 == 0 ? "song" : "voice") + " -> tape:" + name + "\n";
        }
        Script script({pause_at(0.5)});
        run("stemwire: 1\nnodes:\n" + nodes + "  tape: { type: recorder, file: tape.mka, inputs: { " + groups + " } }\nexternal: { speakers: { sink: default } }\nlinks:\n" + links + "  - song -> speakers\n",
            std::ref(script));
        for (int i = 0; i < many; ++i) {
            SCOPED_TRACE(i);
            const auto stream = test::decoded(folder_, "tape.mka", i % 2 == 0 ? 2 : 1, "0:a:" + std::to_string(i));
            ASSERT_GE(stream[0].size(), second / 2);
            if (i % 2 == 0) {
                expect_song(stream, 0);
            } else {
                expect(std::equal(stream[0].begin(), stream[0].end(), song_[1].begin()), "a mono stream is wrong");
            }
        }
    });
}

TEST_F(LiveRecorder, two_of_them_on_one_name_write_two_files)
{
    play_until_whole([&] {
        Script script({pause_at(0.3)});
        run(preset({{"a", "file: same.wav"}, {"b", "file: same.wav"}}), std::ref(script));
        expect_song(lossless("same.wav"), 0);
        expect_song(lossless("same-2.wav"), 0);
    });
}

TEST_F(LiveRecorder, a_kill_of_the_program_leaves_files_that_play_up_to_the_last_second)
{
    play_until_whole([&] {
        folder_.write("kill.yaml", preset({{"wav", "file: a.wav"}, {"flac", "file: a.flac"}, {"mka", "file: a.mka"}, {"opus", "file: a.opus"}, {"m4a", "file: a.m4a"}, {"mp3", "file: a.mp3"}}));
        test::Program program({test::stemwire_program(), "run", "--remote", pipewire_.remote(), "kill.yaml"}, {}, folder_.path().string());
        constexpr std::uintmax_t frame_bytes = 6;
        const auto frames = [&] {
            std::error_code none_yet;
            const auto bytes = std::filesystem::file_size(folder_.file("a.wav"), none_yet);
            return none_yet ? 0 : bytes / frame_bytes;
        };
        ASSERT_TRUE(test::wait_until([&] { return frames() >= 3 * second; })) << program.err();
        program.signal(SIGKILL);
        program.wait();
        const std::size_t played = frames();  // a quarter of a second behind at most
        for (const char* name : {"a.wav", "a.flac", "a.mka", "a.opus", "a.m4a", "a.mp3"}) {
            SCOPED_TRACE(name);
            const auto take = test::decoded(folder_, name);
            EXPECT_GE(take[0].size() + second, played + second / 4);
            const std::string ending = std::filesystem::path(name).extension().string();
            if (ending == ".wav" || ending == ".flac" || ending == ".mka") {
                expect_song(take, 0);
            } else if (ending != ".mp3") {  // which knows its codec's delay only once it is finished
                expect(test::relative_error(song_[0], take[0], second / 2, second) < 0.045, std::string("the take is not in time: ") + name);
            }
        }
    });
}

/// A disk of its own, which can be small, or stand still.
class Disk {
public:
    Disk(std::string folder, const std::string& image) : folder_(std::move(folder))
    {
        std::filesystem::create_directory(folder_);
        if (image.empty()) mounted_ = mount("none", folder_.c_str(), "tmpfs", 0, "size=600k") == 0;
        else mounted_ = test::run_program({"sh", "-c", "truncate -s 32M " + image + " && mkfs.ext4 -q " + image + " && mount -o loop " + image + " " + folder_}).status == 0;
    }
    ~Disk()
    {
        thaw();
        if (mounted_) umount2(folder_.c_str(), MNT_DETACH);
    }
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;

    [[nodiscard]] bool mounted() const { return mounted_; }
    /// Who writes waits, until it thaws.
    [[nodiscard]] bool freeze() { return frozen_ = mounted_ && request(FIFREEZE); }
    void thaw()
    {
        if (std::exchange(frozen_, false)) static_cast<void>(request(FITHAW));
    }

private:
    [[nodiscard]] bool request(unsigned long what) const
    {
        const int descriptor = open(folder_.c_str(), O_RDONLY);
        const bool done = ioctl(descriptor, what, 0) == 0;
        close(descriptor);
        return done;
    }

    std::string folder_;
    bool mounted_ = false;
    bool frozen_ = false;
};

TEST_F(LiveRecorder, a_full_disk_ends_its_file_and_says_so_while_everything_else_goes_on)
{
    play_until_whole([&] {
        const Disk disk(folder_.file("small"), "");
        if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount";
        bool was_said = false;
        Script script({pause_at(4.0)});
        const auto said = run(preset({{"small", "file: small/a.wav"}, {"large", "file: large.flac"}}), [&](SessionControl& session) { return script(session); });
        for (const std::string& text : said) was_said = was_said || text.starts_with("small: recording has ended: the disk is full");
        EXPECT_TRUE(was_said);
        const auto ended = lossless("small/a.wav");
        EXPECT_GE(ended[0].size(), second / 2);
        EXPECT_LT(ended[0].size(), 600'000u / 6);
        expect_song(ended, 0);
        const auto whole = lossless("large.flac");
        EXPECT_GE(whole[0].size(), 4 * second);
        expect_song(whole, 0);
    });
}

TEST_F(LiveRecorder, a_disk_that_stands_still_costs_whole_blocks_that_are_counted_and_silent_in_a_file_that_keeps_time)
{
    play_until_whole([&] {
        Disk disk(folder_.file("slow"), folder_.file("image"));
        if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount";
        std::uint64_t missing = 0;  // of this recorder
        std::size_t ended_at = 0;
        Script script({{0.5,
                        [&](SessionControl&, const SessionControl::Done& done) {
                            EXPECT_TRUE(disk.freeze());
                            done({});
                        }},
                       {1.5,
                        [&](SessionControl&, const SessionControl::Done& done) {
                            disk.thaw();
                            done({});
                        }},
                       pause_at(2.5),
                       {0.0, [&](SessionControl& session, const SessionControl::Done& done) {
                            for (const NodeStatus& node : session.status().nodes)
                                if (node.name == "slow") missing = node.missing_frames.value_or(0);
                            ended_at = session.status().frame;
                            done({});
                        }}});
        const auto said = run(preset({{"slow", "file: slow/a.wav, queue: 100 ms"}, {"quick", "file: quick.wav"}}), [&](SessionControl& session) { return script(session); });
        EXPECT_GT(missing, second / 2);
        EXPECT_TRUE(std::ranges::any_of(said, [](const std::string& text) { return text.starts_with("slow: ") && text.find("were lost") != std::string::npos; }));
        const auto take = lossless("slow/a.wav");
        ASSERT_EQ(take[0].size(), ended_at);
        std::uint64_t silent = 0;
        std::uint64_t wrong = 0;
        for (std::size_t i = 0; i < take[0].size(); ++i) {
            const bool is_silent = take[0][i] == 0.0f && take[1][i] == 0.0f;
            silent += is_silent && (song_[0][i] != 0.0f || song_[1][i] != 0.0f) ? 1 : 0;
            wrong += is_silent || (take[0][i] == song_[0][i] && take[1][i] == song_[1][i]) ? 0 : 1;
        }
        expect(wrong == 0, std::to_string(wrong) + " frames are neither right nor silent");
        expect(silent == missing, std::to_string(silent) + " frames are silent, " + std::to_string(missing) + " were counted");
        expect_song(lossless("quick.wav"), 0);
    });
}

TEST_F(LiveRecorder, a_folder_that_cannot_be_written_is_named_by_check)
{
    folder_.write("wrong.yaml", preset({{"tape", "file: nowhere/a.wav"}}));
    const auto outcome = test::run_program({test::stemwire_program(), "check", "wrong.yaml"}, {}, folder_.path().string());
    EXPECT_EQ(outcome.status, 3);
    EXPECT_NE(outcome.err.find("wrong.yaml:4:"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find("the folder " + folder_.file("nowhere") + " does not exist"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace stemwire::session
