// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "stemwire/units.hpp"

namespace stemwire::plot {

/// What some frames of one channel hold.
struct WaveColumn {
    float low;
    float high;
    float rms;
};

/// A sound of any length and any number of channels, seen from far away, in bounded memory.
class Waveform {
public:
    explicit Waveform(std::size_t channels) : buckets_(channels) {}

    void add(std::span<const float* const> channels, std::uint32_t frames);

    [[nodiscard]] Frames frames() const noexcept { return frames_; }
    [[nodiscard]] std::size_t channels() const noexcept { return buckets_.size(); }
    /// A channel in `count` equal parts from beginning to end, or as many as there are frames; a part's borders are exact to a four-thousandth of the whole.
    [[nodiscard]] std::vector<WaveColumn> columns(std::size_t channel, std::size_t count) const;
    /// The largest magnitude of a channel.
    [[nodiscard]] float peak(std::size_t channel) const;
    /// The root of the mean of a channel's squares.
    [[nodiscard]] double rms(std::size_t channel) const;

private:
    struct Bucket {
        float low;
        float high;
        double energy;
        Frames frames;
        void take(const Bucket& other) noexcept;
    };
    static constexpr std::size_t most_buckets = 8192;

    void halve();

    std::vector<std::vector<Bucket>> buckets_;  ///< [channel]
    Frames bucket_frames_ = 1;                  ///< of each bucket but the last
    Frames frames_ = 0;
};

}  // namespace stemwire::plot
