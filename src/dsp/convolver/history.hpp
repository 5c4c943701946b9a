// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/convolver/aligned.hpp"

namespace stemwire::dsp::convolver {

/// The last frames of every input: one ring for each, whose length is a power of two.
class History {
public:
    /// Allocates.
    void prepare(std::size_t inputs, std::size_t frames)
    {
        frames_ = frames;
        samples_.assign(inputs * frames, 0.0f);
    }

    [[nodiscard]] std::size_t frames() const noexcept { return frames_; }

    /// Where a frame of the stream is, and those after it up to the next multiple of any power of two no longer than the ring.
    [[nodiscard]] const float* at(std::size_t input, std::uint64_t frame) const noexcept { return samples_.data() + index(input, frame); }
    [[nodiscard]] float* at(std::size_t input, std::uint64_t frame) noexcept { return samples_.data() + index(input, frame); }

private:
    [[nodiscard]] std::size_t index(std::size_t input, std::uint64_t frame) const noexcept
    {
        return input * frames_ + (frame & (frames_ - 1));
    }

    std::size_t frames_ = 0;
    AlignedFloats samples_;  ///< [input][frame]
};

}  // namespace stemwire::dsp::convolver
