// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/graph/material.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <vector>

#include "media/encoder.hpp"

namespace stemwire::bench {

namespace {

constexpr double rate_hz = 48000;
constexpr std::uint32_t block = 48000;  // frames
constexpr float level = 0.01f;  // quiet, so that no sum clips

void check(const Expected<void>& done)
{
    if (!done) throw std::runtime_error(done.error().message);
}

void write_noise(const std::string& path, double seconds)
{
    std::minstd_rand random(1);
    std::uniform_real_distribution<float> noise(-level, level);
    auto encoder = media::make_encoder({.file = path, .rate_hz = rate_hz, .layout = ChannelLayout::stereo()});
    if (!encoder) throw std::runtime_error(encoder.error().message);
    std::array<std::vector<float>, 2> channels{std::vector<float>(block), std::vector<float>(block)};
    const std::array<const float*, 2> pointers{channels[0].data(), channels[1].data()};
    for (double written = 0; written < seconds; written += block / rate_hz) {
        for (auto& channel : channels) std::ranges::generate(channel, [&] { return noise(random); });
        check((*encoder)->write(pointers, block));
    }
    check((*encoder)->finish());
}

std::string track(const std::string& name, const std::string& format)
{
    return "  " + name + ": { type: track, file: " + name + "." + format + " }\n";
}

std::string star(const Shape& shape, const std::string& format)
{
    std::string nodes;
    std::string channels;
    std::string links;
    std::string fused;
    for (std::size_t i = 1; i <= shape.tracks; ++i) {
        const std::string name = "t" + std::to_string(i);
        nodes += track(name, format);
        fused += name + ", ";
        channels += "      " + name + ": { gain: -3 dB }\n";
        links += "  - " + name + " -> mix:" + name + "\n";
    }
    return "nodes:\n" + nodes + "  mix:\n    type: mixer\n    channels:\n" + channels + "links:\n" + links + "  - mix -> out\n" +
           (shape.fuse ? "fuse: { stage: [" + fused + "mix] }\n" : "");
}

std::string chain(const Shape& shape, const std::string& format)
{
    std::string nodes = track("t1", format);
    std::string links = "  - t1";
    std::string fused;
    for (std::size_t i = 1; i <= shape.length; ++i) {
        const std::string name = "fx" + std::to_string(i);
        nodes += "  " + name + ": { type: effects, chain: [ gain: { gain: -1 dB } ] }\n";
        links += " -> " + name;
        fused += (i > 1 ? ", " : "") + name;
    }
    return "nodes:\n" + nodes + "links:\n" + links + " -> out\n" + (shape.fuse ? "fuse: { stage: [" + fused + "] }\n" : "");
}

}  // namespace

std::string write_preset(const std::string& folder, const Shape& shape, const std::string& format, std::uint32_t quantum, double seconds)
{
    const bool is_star = shape.kind == Shape::Kind::star;
    const std::size_t files = is_star ? shape.tracks : 1;
    const auto file = [&](std::size_t number) { return folder + "/t" + std::to_string(number) + "." + format; };
    write_noise(file(1), seconds);
    for (std::size_t number = 2; number <= files; ++number) std::filesystem::create_hard_link(file(1), file(number));
    const std::string path = folder + "/graph.yaml";
    std::ofstream(path) << "stemwire: 1\nname: graph-bench\nrate: 48000\nquantum: " << quantum << "\nexternal:\n  out: { sink: default }\n"
                        << (is_star ? star(shape, format) : chain(shape, format));
    return path;
}

}  // namespace stemwire::bench
