// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "dsp/mix.hpp"
#include "stemwire/meter.hpp"

namespace stemwire::dsp {

/// Moves meters as their description says: the peak falls by 20 dB a second, the mean square is a one-pole average over 300 ms.
/// One for all meters of a node, with begin_block once a block and update once a meter. Guarantee: wait-free. Thread: the
/// meters' only writer.
class MeterBallistics {
public:
    void prepare(double rate_hz) noexcept
    {
        rate_hz_ = rate_hz;
        frames_ = 0;
    }

    void begin_block(std::uint32_t frames) noexcept
    {
        if (frames == frames_) return;
        frames_ = frames;
        const double seconds = frames / rate_hz_;
        fall_ = static_cast<float>(std::pow(10.0, -seconds));
        keep_ = static_cast<float>(std::exp(-seconds / averaging_seconds));
    }

    /// `level`: the block's peak, and its squares summed over `channels` channels. What is not finite counts as silence.
    void update(Meter& meter, const Level& level, std::size_t channels = 1) const noexcept
    {
        const float mean_square = level.sum_squares / static_cast<float>(channels * frames_);
        const bool finite = std::isfinite(mean_square);
        const float peak = std::max(meter.peak.load(std::memory_order_relaxed) * fall_, finite ? level.peak : 0.0f);
        const float average = meter.mean_square.load(std::memory_order_relaxed);
        meter.peak.store(peak, std::memory_order_relaxed);
        meter.mean_square.store(average * keep_ + (finite ? mean_square : 0.0f) * (1.0f - keep_), std::memory_order_relaxed);
    }

private:
    static constexpr double averaging_seconds = 0.3;  // IEC 60268-17

    double rate_hz_ = 48000.0;
    std::uint32_t frames_ = 0;
    float fall_ = 1.0f;
    float keep_ = 0.0f;
};

}  // namespace stemwire::dsp
