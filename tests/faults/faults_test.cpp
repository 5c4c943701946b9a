// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <cstdlib>

#include <sys/mount.h>

#include "tests/live/recording.hpp"
#include "tests/support/lambda_node.hpp"
#include "tests/support/program.hpp"

namespace stemwire::test {
namespace {

namespace fs = std::filesystem;

/// The program on a server of its own, while the world around it goes wrong.
class Faults : public ::testing::Test {
protected:
    void SetUp() override
    {
        write_stem("stem.wav", 4 * 48'000);
        folder_.write("band.yaml", preset(0));
    }

    void write_stem(const std::string& name, std::size_t frames) const
    {
        Audio audio;
        for (std::uint64_t channel = 0; channel < 2; ++channel) {
            auto& samples = audio.channels.emplace_back();
            for (std::size_t i = 0; i < frames; ++i) samples.push_back(0.01f * noise(i, channel));
        }
        write_audio(folder_.file(name), audio);
    }
    static std::string preset(int gain_db)
    {
        return "stemwire: 1\nname: band\nnodes:\n  stem: { type: track, file: stem.wav, loop: true, buffer: 0.1 s, gain: " + std::to_string(gain_db) +
               " dB }\n  tone: { type: generator, level: -40 dB, channels: stereo }\nexternal: { speakers: { sink: default } }\n"
               "links: [ stem -> speakers, tone -> speakers ]\n";
    }

    std::vector<std::string> environment() const { return {"XDG_RUNTIME_DIR=" + folder_.path().string()}; }
    Outcome ask(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.begin(), stemwire_program());
        return run_program(std::move(arguments), environment(), folder_.path().string());
    }
    nlohmann::json status() const { return nlohmann::json::parse(ask({"status", "--json"}).out, nullptr, false); }
    bool plays() const
    {
        const auto now = status();
        return now.is_object() && now["transport"]["state"] == "playing";
    }
    /// The transport goes on from where it is.
    bool goes_on() const
    {
        const auto from = status();
        return from.is_object() && wait_until([&] {
                   const auto now = status();
                   return now.is_object() && now["transport"]["state"] == "playing" && now["transport"]["seconds"] > from["transport"]["seconds"];
               });
    }

    void start(std::vector<std::string> before = {})
    {
        ASSERT_TRUE(pipewire_.runs()) << pipewire_.error();
        before.insert(before.end(), {stemwire_program(), "run", "--remote", pipewire_.remote(), "band.yaml"});
        program_ = std::make_unique<Program>(std::move(before), environment(), folder_.path().string());
    }
    bool says(const std::string& text, std::size_t after = 0) const
    {
        return wait_until([&] {
            const std::string all = program_->err();
            return all.find(text, std::min(after, all.size())) != std::string::npos;
        });
    }
    void expect_ordered_end()
    {
        program_->signal(SIGINT);
        const Outcome outcome = program_->wait();
        EXPECT_EQ(outcome.status, 0) << outcome.err;
    }

    PrivatePipeWire pipewire_;
    TemporaryFolder folder_;
    std::unique_ptr<Program> program_;
};

TEST_F(Faults, a_preset_that_cannot_be_read_is_refused_with_its_cause_and_what_plays_goes_on)
{
    start();
    ASSERT_TRUE(wait_until([&] { return plays(); })) << program_->err();
    const std::string path = folder_.file("band.yaml");
    const auto spoil = [&](const std::string& how, const std::function<void()>& act) {
        const std::size_t said = program_->err().size();
        fs::remove_all(path);
        act();
        EXPECT_TRUE(says("what plays goes on", said)) << how << ": " << program_->err();
        EXPECT_NE(program_->err().find("band.yaml", said), std::string::npos) << how << ": " << program_->err();
        EXPECT_TRUE(goes_on()) << how;
    };
    spoil("half written", [&] { folder_.write("band.yaml", preset(0).substr(0, 60)); });
    spoil("a folder", [&] { fs::create_directory(path); });
    spoil("a link to another file", [&] { fs::create_symlink("stem.wav", path); });
    spoil("empty", [&] { folder_.write("band.yaml", ""); });
    const std::size_t said = program_->err().size();
    fs::remove_all(path);
    folder_.write("band.yaml", preset(-3));
    EXPECT_TRUE(says("took over", said)) << program_->err();
    expect_ordered_end();
}

TEST_F(Faults, a_file_that_changes_while_it_plays_stops_nothing)
{
    start();
    ASSERT_TRUE(wait_until([&] { return plays(); })) << program_->err();
    const std::string stem = folder_.file("stem.wav");
    fs::resize_file(stem, 100'000);
    EXPECT_EQ(ask({"seek", "3 s"}).status, 0) << program_->err();
    EXPECT_TRUE(goes_on()) << "cut off";
    write_stem("other.wav", 1'000);
    fs::rename(folder_.file("other.wav"), stem);
    EXPECT_EQ(ask({"seek", "1 s"}).status, 0) << program_->err();
    EXPECT_TRUE(goes_on()) << "replaced";
    fs::remove(stem);
    EXPECT_EQ(ask({"seek", "2 s"}).status, 0) << program_->err();
    EXPECT_TRUE(goes_on()) << "deleted";
    expect_ordered_end();
    EXPECT_EQ(program_->err().find("terminate"), std::string::npos);
}

TEST_F(Faults, a_server_that_stands_still_for_a_while_is_waited_for)
{
    start();
    ASSERT_TRUE(wait_until([&] { return plays(); })) << program_->err();
    kill(pipewire_.server().pid(), SIGSTOP);
    const auto seconds = [&] { return status()["transport"]["seconds"].get<double>(); };
    // It has stopped once two answers in a row are the same; the answers themselves must go on.
    EXPECT_TRUE(wait_until([&, last = -1.0]() mutable { return std::exchange(last, seconds()) == last; }));
    for (int i = 0; i < 50; ++i) EXPECT_EQ(ask({"status"}).status, 0);
    kill(pipewire_.server().pid(), SIGCONT);
    EXPECT_TRUE(goes_on()) << program_->err();
    expect_ordered_end();
}

TEST_F(Faults, too_few_descriptors_or_too_little_memory_end_with_a_message)
{
    for (const std::string& limit : {std::string("--nofile=8"), std::string("--nofile=16"), std::string("--nofile=20"), std::string("--nofile=22"), std::string("--nofile=24"), std::string("--nofile=40"), std::string("--as=60000000"), std::string("--as=150000000")}) {
        const Outcome outcome = run_program({"timeout", "60", "prlimit", limit, stemwire_program(), "run", "--remote", pipewire_.remote(), "--duration", "0.2 s", "band.yaml"}, environment(), folder_.path().string());
        EXPECT_LT(outcome.status, 124) << limit << ": " << outcome.err;
        if (outcome.status != 0) {
            EXPECT_NE(outcome.err, "") << limit;
        }
    }
}

TEST_F(Faults, without_the_right_to_run_in_real_time_it_plays)
{
    start({"setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice", "prlimit", "--rtprio=0", "--nice=0"});
    ASSERT_TRUE(wait_until([&] { return plays(); })) << program_->err();
    EXPECT_TRUE(goes_on());
    expect_ordered_end();
}

TEST_F(Faults, a_full_disk_ends_a_render_with_its_cause_and_leaves_nothing)
{
    const TemporaryFolder disk;
    if (mount("none", disk.path().c_str(), "tmpfs", 0, "size=64k") != 0) GTEST_SKIP() << "needs the right to mount";
    const Outcome outcome = ask({"render", "band.yaml", "--duration", "4 s", "-o", disk.file("out.wav")});
    const bool empty = fs::is_empty(disk.path());
    umount(disk.path().c_str());
    EXPECT_EQ(outcome.status, 1) << outcome.err;
    EXPECT_NE(outcome.err.find("No space left"), std::string::npos) << outcome.err;
    EXPECT_TRUE(empty);
}

}  // namespace
}  // namespace stemwire::test
