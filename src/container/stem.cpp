// SPDX-License-Identifier: GPL-3.0-or-later
#include "container/stem.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "media/encoder.hpp"
#include "media/frame_source.hpp"

namespace stemwire::container {

namespace {

constexpr std::uint32_t piece_frames = 8192;

/// Gives every piece of a stem to `use(channels, frames)`, which may change it.
template <class Use>
Expected<void> read_through(const Stem& stem, Use use)
{
    const auto source = media::open_source(stem.file);
    if (!source) return tl::unexpected(source.error());
    const auto reader = (*source)->open_stream(static_cast<std::size_t>(stem.stream.index), {});
    if (!reader) return tl::unexpected(reader.error());
    std::vector<std::vector<float>> planes((*reader)->channels(), std::vector<float>(piece_frames));
    std::vector<float*> at;
    for (auto& plane : planes) at.push_back(plane.data());
    for (std::uint32_t got = piece_frames; got == piece_frames;) {
        got = (*reader)->read(at, piece_frames);
        if (auto used = got > 0 ? use(planes, got) : Expected<void>(); !used) return used;
    }
    if (const auto damage = (*reader)->take_message()) return failure(*damage);
    return {};
}

}  // namespace

Expected<double> peak_of(const Stem& stem)
{
    double peak = 0.0;
    const auto read = read_through(stem, [&](const std::vector<std::vector<float>>& planes, std::uint32_t frames) -> Expected<void> {
        for (const auto& plane : planes)
            for (std::uint32_t i = 0; i < frames; ++i) peak = std::max(peak, static_cast<double>(std::abs(plane[i])));
        return {};
    });
    if (!read) return tl::unexpected(read.error());
    return peak;
}

Expected<void> encode(const Stem& stem, double factor, const std::string& output)
{
    const auto encoder = media::make_encoder({.file = output, .rate_hz = static_cast<double>(stem.stream.rate_hz), .layout = stem.stream.layout});
    if (!encoder) return tl::unexpected(Error{encoder.error().message, stem.file});
    auto written = read_through(stem, [&](std::vector<std::vector<float>>& planes, std::uint32_t frames) {
        std::vector<const float*> in;
        for (auto& plane : planes) {
            if (factor != 1.0)
                for (std::uint32_t i = 0; i < frames; ++i) plane[i] = static_cast<float>(plane[i] * factor);
            in.push_back(plane.data());
        }
        return (*encoder)->write(in, frames);
    });
    return written ? (*encoder)->finish() : written;
}

}  // namespace stemwire::container
