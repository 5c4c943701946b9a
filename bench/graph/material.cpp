// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/graph/material.hpp"

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
constexpr std::uint32_t frames = 4 * 48000;
constexpr float level = 0.01f;  // quiet, so that no sum clips

void check(const Expected<void>& done)
{
    if (!done) throw std::runtime_error(done.error().message);
}

void write_noise(const std::string& path)
{
    std::minstd_rand random(1);
    std::uniform_real_distribution<float> noise(-level, level);
    std::array<std::vector<float>, 2> channels;
    for (auto& channel : channels)
        for (std::uint32_t i = 0; i < frames; ++i) channel.push_back(noise(random));
    auto encoder = media::make_encoder({.file = path, .rate_hz = rate_hz, .layout = ChannelLayout::stereo()});
    if (!encoder) throw std::runtime_error(encoder.error().message);
    const std::array<const float*, 2> pointers{channels[0].data(), channels[1].data()};
    check((*encoder)->write(pointers, frames));
    check((*encoder)->finish());
}

std::string track(const std::string& name, const std::string& format)
{
    return "  " + name + ": { type: track, file: " + name + "." + format + ", loop: true }\n";
}

std::string star(const Shape& shape, const std::string& format)
{
    std::string nodes;
    std::string channels;
    std::string links;
    for (std::size_t i = 1; i <= shape.tracks; ++i) {
        const std::string name = "t" + std::to_string(i);
        nodes += track(name, format);
        channels += "      " + name + ": { gain: -3 dB }\n";
        links += "  - " + name + " -> mix:" + name + "\n";
    }
    return "nodes:\n" + nodes + "  mix:\n    type: mixer\n    channels:\n" + channels + "links:\n" + links + "  - mix -> out\n";
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

std::string write_preset(const std::string& folder, const Shape& shape, const std::string& format, std::uint32_t quantum)
{
    const bool is_star = shape.kind == Shape::Kind::star;
    const std::size_t files = is_star ? shape.tracks : 1;
    const auto file = [&](std::size_t number) { return folder + "/t" + std::to_string(number) + "." + format; };
    write_noise(file(1));
    for (std::size_t number = 2; number <= files; ++number)
        std::filesystem::copy_file(file(1), file(number), std::filesystem::copy_options::overwrite_existing);
    const std::string path = folder + "/graph.yaml";
    std::ofstream(path) << "stemwire: 1\nname: graph-bench\nrate: 48000\nquantum: " << quantum << "\nexternal:\n  out: { sink: default }\n"
                        << (is_star ? star(shape, format) : chain(shape, format));
    return path;
}

}  // namespace stemwire::bench
