// SPDX-License-Identifier: GPL-3.0-or-later
// What a kilobyte from somebody else can make the program take: at most 200 MB and 2 s of computing.
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <cstring>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/program.hpp"
#include "tests/support/temporary_folder.hpp"

namespace stemwire::test {
namespace {

constexpr rlim_t most_cpu_seconds = 2;
constexpr long most_kilobytes = 200'000;
constexpr unsigned patience_s = 60;  // of the clock on the wall: for what would wait for ever

struct Cost {
    int status;  ///< 128 + N after signal N
    long kilobytes;
};

/// Runs the program, which is ended when it has computed for too long.
Cost cost_of(std::vector<std::string> arguments, rlim_t cpu_seconds = most_cpu_seconds)
{
    arguments.insert(arguments.begin(), stemwire_program());
    const pid_t child = fork();
    if (child == 0) {
        const rlimit cpu{cpu_seconds, cpu_seconds};
        setrlimit(RLIMIT_CPU, &cpu);
        const rlimit core{0, 0};
        setrlimit(RLIMIT_CORE, &core);
        alarm(patience_s);
        if (freopen("/dev/null", "w", stdout) == nullptr || freopen("/dev/null", "w", stderr) == nullptr) _exit(126);
        std::vector<char*> pointers;
        for (std::string& argument : arguments) pointers.push_back(argument.data());
        pointers.push_back(nullptr);
        execv(pointers[0], pointers.data());
        _exit(127);
    }
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), usage.ru_maxrss};
}

void expect_cheap(const std::vector<std::string>& arguments)
{
    const Cost cost = cost_of(arguments);
    EXPECT_TRUE(cost.status == 0 || cost.status == 3) << arguments[0] << ' ' << arguments[1] << ": status " << cost.status;
    EXPECT_LT(cost.kilobytes, most_kilobytes) << arguments[0] << ' ' << arguments[1];
}

std::string many(int count, const std::string& text)
{
    std::string all;
    for (int index = 0; index < count; ++index) all += text;
    return all;
}

/// `n0`, `n1` …: nodes that are all the anchor `a`.
std::string copies(int count)
{
    std::string nodes;
    for (int index = 0; index < count; ++index) nodes += "  n" + std::to_string(index) + ": *a\n";
    return nodes;
}

template <class Number>
void put(std::string& bytes, Number number)
{
    static_assert(std::endian::native == std::endian::little);
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

/// A WAV header (multimedia programming interface and data specifications 1.0, 1991) that may say what it likes, and some bytes of data.
std::string wav(std::uint16_t channels, std::uint32_t rate_hz, std::uint32_t data_bytes)
{
    std::string bytes("RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0\1\0", 22);
    put(bytes, channels);
    put(bytes, rate_hz);
    put(bytes, rate_hz * channels);
    put(bytes, channels);
    put(bytes, std::uint16_t{8});
    bytes += "data";
    put(bytes, data_bytes);
    return bytes + std::string(400, 'x');
}

/// The CRC of RFC 9639, 9.1.8 and 9.3.
std::uint32_t crc(const std::string& bytes, unsigned width, std::uint32_t polynomial)
{
    std::uint32_t sum = 0;
    for (const char byte : bytes)
        for (unsigned bit = 0; bit < 8; ++bit) {
            const bool carry = (sum >> (width - 1) & 1u) != (static_cast<unsigned char>(byte) >> (7 - bit) & 1u);
            sum = (sum << 1 ^ (carry ? polynomial : 0u)) & ((1u << width) - 1);
        }
    return sum;
}

void put_big(std::string& bytes, std::uint64_t number, int count)
{
    for (int index = count - 1; index >= 0; --index) bytes.push_back(static_cast<char>(number >> (8 * index) & 0xffu));
}

/// A FLAC file (RFC 9639) of eight channels and frames of 65535 samples with one value each: half a million samples in 34 bytes.
std::string flac(std::uint64_t rate_hz, int frames)
{
    std::string bytes("fLaC\x80\0\0\x22\xff\xff\xff\xff\0\0\0\0\0\0", 18);
    put_big(bytes, rate_hz << 44 | 7ull << 41 | 15ull << 36, 8);
    bytes += std::string(16, '\0');
    for (int index = 0; index < frames; ++index) {
        std::string frame{'\xff', '\xf8', '\x70', '\x70', static_cast<char>(index), '\xff', '\xfe'};
        frame.push_back(static_cast<char>(crc(frame, 8, 0x07)));
        frame += many(8, std::string("\0\x12\x34", 3));
        put_big(frame, crc(frame, 16, 0x8005), 2);
        bytes += frame;
    }
    return bytes;
}

class Limits : public testing::Test {
protected:
    void expect_cheap_preset(const std::string& name, const std::string& rest) const
    {
        const std::string path = folder_.write(name, "stemwire: 1\n" + rest);
        expect_cheap({"check", path});
    }
    void expect_cheap_render(const std::string& name, const std::string& rest) const
    {
        expect_cheap_preset(name, rest);
        expect_cheap({"render", folder_.file(name), "-o", folder_.file(name + ".wav"), "--duration", "100 ms"});
    }
    void expect_cheap_file(const std::string& name, const std::string& bytes) const
    {
        const std::string path = folder_.write(name, bytes);
        expect_cheap({"probe", path});
        expect_cheap({"init", path});
        expect_cheap_preset(name + ".track.yaml", "nodes: { a: { type: track, file: " + name + " } }\n");
        expect_cheap_preset(name + ".reverb.yaml", "nodes: { a: { type: reverb, impulse: " + name + " } }\n");
    }

    TemporaryFolder folder_;
};

TEST_F(Limits, a_short_preset_cannot_ask_for_much)
{
    expect_cheap_preset("delays", "nodes:\n  a: &a { type: effects, channels: 7.1, chain: [ " + many(18, "delay: { time: 10 s }, ") + "gain ] }\n" + copies(30));
    expect_cheap_preset("fast", "rate: 384000\nnodes:\n  a: &a { type: effects, channels: 7.1, chain: [ " + many(10, "delay: { time: 10 s }, ") + "limiter: { lookahead: 50 ms } ] }\n" +
                                    copies(30));
    expect_cheap_preset("nested", many(900, "["));
    expect_cheap_preset("channels", "nodes: { a: { type: effects, channels: 1000000000, chain: [ gain ] } }\n");
    expect_cheap_preset("numbers", "quantum: 4294967295\nrate: 1e300\nnodes: { a: { type: generator, frequency: 1e999 } }\n");
    expect_cheap_preset("bands", "nodes:\n  a: &a { type: effects, channels: 7.1, chain: [ eq: { bands: [ " + many(40, "{ type: peak }, ") + "{ type: peak } ] } ] }\n" + copies(40));
    std::string bomb = "a0: &a0 [x]\n";
    for (int level = 1; level < 20; ++level)
        bomb += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [" + many(8, "*a" + std::to_string(level - 1) + ", ") + "]\n";
    expect_cheap_preset("bomb", bomb);
    expect_cheap_preset("links", "nodes: { m: { type: effects, channels: stereo, chain: [ gain ] } }\nlinks: [ &a \"m -> m -> m -> m -> m\", " + many(200, "*a, ") + "]\n");
}

TEST_F(Limits, a_short_preset_of_one_file_cannot_ask_for_much)
{
    folder_.write("one.wav", wav(2, 48000, 400));
    expect_cheap_preset("buffers", "nodes:\n  a: &a { type: track, file: one.wav, buffer: 60 s, channels: 7.1 }\n" + copies(60));
    expect_cheap_preset("takes", "nodes:\n  t: &t { type: track, pick: 64, reshuffle: [ 1, 2, 3, 4, 5 ], takes: [ &w one.wav, " + many(100, "*w, ") + "] }\n");
    expect_cheap_preset("times", "nodes: { a: { type: track, file: one.wav, start: 1e9, loop: 1e15 } }\n");
}

TEST_F(Limits, a_short_preset_is_not_given_much_memory_to_render)
{
    expect_cheap_render("delays", "nodes:\n  a: &a { type: effects, channels: 7.1, chain: [ " + many(18, "delay: { time: 10 s }, ") + "gain ] }\n" + copies(30));
    expect_cheap_render("one", "rate: 384000\nnodes: { a: { type: effects, channels: 7.1, chain: [ " + many(30, "delay: { time: 10 s }, ") + "gain ] } }\n");
    expect_cheap_render("recorders", "nodes:\n  a: &a { type: recorder, file: x.flac, preroll: 60 s }\n" + copies(90));
}

TEST_F(Limits, who_asks_for_more_memory_has_it)
{
    const std::string preset = folder_.write("recorders", "stemwire: 1\nnodes:\n  a: &a { type: recorder, file: x.flac, preroll: 60 s }\n" + copies(6));
    EXPECT_EQ(cost_of({"check", preset}).status, 3);
    EXPECT_EQ(cost_of({"check", preset, "--memory", "300"}, 5 * most_cpu_seconds).status, 0);
    EXPECT_EQ(cost_of({"check", preset, "--memory", "0"}).status, 2);
}

TEST_F(Limits, a_media_header_may_claim_anything)
{
    expect_cheap_file("channels.wav", wav(65535, 48000, 0xfffffff0u));
    expect_cheap_file("rate.wav", wav(2, 0xffffffffu, 400));
    expect_cheap_file("fast.wav", wav(16, 1u << 24, 0xfffffff0u));
    expect_cheap_file("slow.wav", wav(16, 1, 400));
    expect_cheap_file("hours.wav", wav(2, 48000, 0xfffffff0u));
    expect_cheap_file("cut.flac", flac(655350, 1).substr(0, 60));
}

TEST_F(Limits, a_kilobyte_of_sound_may_last_for_long)
{
    expect_cheap_file("thirty-seconds.flac", flac(48000, 21));
    expect_cheap_file("fast.flac", flac(655350, 28));
}

TEST_F(Limits, a_pipe_that_nobody_writes_to_is_not_waited_for)
{
    const std::string pipe = folder_.file("pipe");
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    for (const char* command : {"check", "probe", "init", "graph"}) EXPECT_EQ(cost_of({command, pipe}).status, 3) << command;
    EXPECT_EQ(cost_of({"render", pipe, "-o", folder_.file("out.wav")}).status, 3);
    EXPECT_EQ(cost_of({"check", folder_.write("track", "stemwire: 1\nnodes: { a: { type: track, file: pipe } }\n")}).status, 3);
    EXPECT_EQ(cost_of({"check", folder_.write("reverb", "stemwire: 1\nnodes: { a: { type: reverb, impulse: pipe, attachment: x } }\n")}).status, 3);
}

}  // namespace
}  // namespace stemwire::test
