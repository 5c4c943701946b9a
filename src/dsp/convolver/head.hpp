// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dsp/convolver/level.hpp"

namespace stemwire::dsp::convolver {

/// The first taps, for pieces of any length: base_block taps directly, the others in levels that tick every base_block frames.
/// All but construction is wait-free.
class Head {
public:
    Head(const Plan& plan, std::span<const ConvolverPath> paths, const Shape& shape, const Kernels& kernels);

    /// Takes up its work at frame `now`, a multiple of every level's size, after the history has gone on without it.
    void resume(std::uint64_t now, const History& history) noexcept;
    /// Takes frames `position` … `position + count − 1` of a base block.
    void take(std::size_t input, const float* samples, std::size_t position, std::size_t count) noexcept;
    /// Gives the same frames; all inputs have been taken.
    void give(std::size_t output, float* samples, std::size_t position, std::size_t count) noexcept;
    /// A base block is complete; it is in the history, which is `now` frames long.
    void complete_block(std::uint64_t now, const History& history) noexcept;
    void reset() noexcept;

private:
    struct DirectPath {
        std::size_t input;
        std::size_t output;
        std::array<float, direct_taps> taps;
    };

    [[nodiscard]] float* current(std::size_t input) noexcept { return recent_.data() + (2 * input + 1) * base_block; }
    void collect(std::uint64_t now) noexcept;

    Shape shape_;
    const Kernels& kernels_;
    std::vector<DirectPath> direct_;
    std::vector<Level> levels_;
    std::size_t span_;        ///< frames after which an input has left the levels
    AlignedFloats recent_;    ///< [input]: the last block, this one
    AlignedFloats pending_;   ///< [output]: what the levels add to this block
};

}  // namespace stemwire::dsp::convolver
