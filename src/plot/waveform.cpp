// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/waveform.hpp"

#include <algorithm>
#include <cmath>

namespace stemwire::plot {

void Waveform::Bucket::take(const Bucket& other) noexcept
{
    low = std::min(low, other.low);
    high = std::max(high, other.high);
    energy += other.energy;
    frames += other.frames;
}

void Waveform::add(std::span<const float* const> channels, std::uint32_t frames)
{
    for (std::uint32_t frame = 0; frame < frames; ++frame, ++frames_) {
        const bool begins = frames_ % bucket_frames_ == 0;
        for (std::size_t channel = 0; channel < buckets_.size(); ++channel) {
            const float sample = channels[channel][frame];
            const Bucket one{sample, sample, static_cast<double>(sample) * sample, 1};
            if (begins) buckets_[channel].push_back(one);
            else buckets_[channel].back().take(one);
        }
        if ((frames_ + 1) % bucket_frames_ == 0 && !buckets_.empty() && buckets_.front().size() == most_buckets) halve();
    }
}

void Waveform::halve()
{
    for (auto& channel : buckets_) {
        for (std::size_t i = 0; i < most_buckets / 2; ++i) {
            channel[i] = channel[2 * i];
            channel[i].take(channel[2 * i + 1]);
        }
        channel.resize(most_buckets / 2);
    }
    bucket_frames_ *= 2;
}

std::vector<WaveColumn> Waveform::columns(std::size_t channel, std::size_t count) const
{
    const std::vector<Bucket>& buckets = buckets_[channel];
    count = std::min(count, buckets.size());
    std::vector<WaveColumn> columns;
    for (std::size_t column = 0; column < count; ++column) {
        Bucket sum = buckets[column * buckets.size() / count];
        for (std::size_t i = column * buckets.size() / count + 1; i < (column + 1) * buckets.size() / count; ++i) sum.take(buckets[i]);
        columns.push_back({sum.low, sum.high, static_cast<float>(std::sqrt(sum.energy / static_cast<double>(sum.frames)))});
    }
    return columns;
}

float Waveform::peak(std::size_t channel) const
{
    float peak = 0.0f;
    for (const Bucket& bucket : buckets_[channel]) peak = std::max({peak, -bucket.low, bucket.high});
    return peak;
}

double Waveform::rms(std::size_t channel) const
{
    double energy = 0.0;
    for (const Bucket& bucket : buckets_[channel]) energy += bucket.energy;
    return frames_ > 0 ? std::sqrt(energy / static_cast<double>(frames_)) : 0.0;
}

}  // namespace stemwire::plot
