// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace stemwire::nodes {

/// Delays some channels in place by a fixed number of frames, so that what is dry comes out with what is wet.
class DryDelay {
public:
    /// Allocates and forgets.
    void prepare(std::size_t channels, std::uint32_t delay_frames)
    {
        history_.assign(channels, std::vector<float>(delay_frames, 0.0f));
        at_ = 0;
        delay_ = delay_frames;
    }

    /// Guarantee: wait-free.
    void process(std::span<std::vector<float>> channels, std::uint32_t frames) noexcept
    {
        if (delay_ == 0) return;
        for (std::size_t channel = 0; channel < history_.size(); ++channel) {
            std::vector<float>& history = history_[channel];
            std::size_t at = at_;
            for (std::uint32_t i = 0; i < frames; ++i) {
                std::swap(channels[channel][i], history[at]);
                at = at + 1 == delay_ ? 0 : at + 1;
            }
        }
        at_ = (at_ + frames) % delay_;
    }

private:
    std::vector<std::vector<float>> history_;  ///< [channel]
    std::size_t at_ = 0;
    std::size_t delay_ = 0;
};

}  // namespace stemwire::nodes
