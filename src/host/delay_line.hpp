// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace stemwire::host {

/// Delays one channel by a fixed number of frames; used to align parallel paths.
class DelayLine {
public:
    /// Allocates. Delay 0 is allowed and copies.
    explicit DelayLine(std::uint32_t delay_frames = 0) : history_(delay_frames, 0.0f) {}

    [[nodiscard]] std::uint32_t delay() const noexcept { return static_cast<std::uint32_t>(history_.size()); }

    /// `in` and `out` may be the same. Guarantee: wait-free.
    void process(const float* in, float* out, std::uint32_t frames) noexcept
    {
        if (history_.empty()) {
            if (in != out) std::copy_n(in, frames, out);
            return;
        }
        for (std::uint32_t i = 0; i < frames; ++i) {
            const float sample = in[i];
            out[i] = history_[at_];
            history_[at_] = sample;
            at_ = at_ + 1 == history_.size() ? 0 : at_ + 1;
        }
    }

private:
    std::vector<float> history_;
    std::size_t at_ = 0;
};

}  // namespace stemwire::host
