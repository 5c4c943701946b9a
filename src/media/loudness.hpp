// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "stemwire/layout.hpp"

namespace stemwire::media {

/// Integrated loudness of a signal by EBU R 128 (ITU-R BS.1770), as libebur128 measures it. One thread at a time; not realtime.
class LoudnessMeter {
public:
    LoudnessMeter(double rate_hz, const ChannelLayout& layout);
    ~LoudnessMeter();
    LoudnessMeter(const LoudnessMeter&) = delete;
    LoudnessMeter& operator=(const LoudnessMeter&) = delete;

    /// Planar, `[channel][frame]`.
    void add(std::span<const float* const> channels, std::uint32_t frames);
    /// LUFS of all that was added; −∞ where it is silent or shorter than 400 ms.
    [[nodiscard]] double integrated_lufs() const;

private:
    struct State;
    std::unique_ptr<State> state_;
    std::vector<float> interleaved_;
};

}  // namespace stemwire::media
