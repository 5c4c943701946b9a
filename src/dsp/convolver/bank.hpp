// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "dsp/convolver/aligned.hpp"
#include "dsp/convolver/history.hpp"
#include "dsp/convolver/path.hpp"
#include "dsp/convolver/plan.hpp"
#include "dsp/convolver/transform.hpp"

namespace stemwire::dsp::convolver {

/// Impulses in partitions of one size, and the spectra of as many past blocks of the inputs, which all outputs share. Somebody else
/// says when to transform, multiply and transform back. All but construction is wait-free.
class Bank {
public:
    /// Transforms the impulses, which begin `delay` taps late and are not needed afterwards. `kernels` must outlive it.
    Bank(const PlannedLevel& plan, std::span<const ConvolverPath> paths, const Shape& shape, const Kernels& kernels);

    [[nodiscard]] std::size_t size() const noexcept { return plan_.size; }
    [[nodiscard]] std::size_t inputs() const noexcept { return inputs_; }
    [[nodiscard]] std::size_t outputs() const noexcept { return paths_.size(); }
    [[nodiscard]] std::size_t tiles() const noexcept { return plan_.size / tile_bins; }
    [[nodiscard]] const Transform& transform() const noexcept { return transform_; }
    /// Multiplications of bins for one tile.
    [[nodiscard]] std::size_t products() const noexcept;

    /// A new block of the inputs takes the place of the oldest one.
    void begin_block() noexcept
    {
        newest_ = newest_ == 0 ? slots_ - 1 : newest_ - 1;
        turn_ ^= 1;
        ahead_is_known_ = std::exchange(in_turn_, false);
    }
    /// One step of the transform of the block that ends before frame `end` of the history.
    void forward(std::size_t step, std::size_t input, std::uint64_t end, const History& history) noexcept;
    /// Sums one tile of all outputs over all partitions, for the frames of the newest block.
    void multiply(std::size_t tile) noexcept { multiply(tile, 0, plan_.skipped); }
    /// The same where it is done for every tile of a block, in order, and mostly for every block. Half of the tiles are read for this block and the next one at
    /// once, in turn with the other half: what a long level costs is the way from memory.
    void multiply_in_turn(std::size_t tile) noexcept;
    /// The same for the frames after the newest block, as far as they depend on what is there: without the taps before `size`.
    void multiply_ahead(std::size_t tile) noexcept;
    /// One step of the transform of an output's sum to `size` frames.
    void inverse(std::size_t step, std::size_t output, float* frames) noexcept;
    void reset() noexcept;

private:
    struct Path {
        std::size_t input;
        AlignedFloats spectra;  ///< [tile][partition]
    };

    void transform_impulse(const ConvolverPath& path, std::size_t delay);
    void multiply(std::size_t tile, std::size_t first, std::size_t age) noexcept;
    void multiply_two(std::size_t tile) noexcept;
    void complete(std::size_t tile) noexcept;
    void fetch_to_complete(std::size_t tile) const noexcept;
    [[nodiscard]] const float* row(const Path& path, std::size_t tile) const noexcept;
    [[nodiscard]] const float* row(std::size_t input, std::size_t tile) const noexcept;
    [[nodiscard]] const float* newer_than(std::size_t input, std::size_t tile) const noexcept;
    [[nodiscard]] TileRuns runs(std::size_t input, std::size_t tile, std::size_t age, std::size_t count) const noexcept;

    PlannedLevel plan_;
    std::size_t inputs_;
    std::size_t slots_;       ///< spectra of each input that are kept
    const Kernels& kernels_;
    Transform transform_;
    std::vector<std::vector<Path>> paths_;  ///< [output]
    AlignedFloats spectra_;   ///< [input][tile][slot]: the newest block's at `newest_`, older ones after it, around
    std::size_t newest_ = 0;
    AlignedFloats work_;
    std::vector<AlignedFloats> sums_;   ///< [output][tile]
    std::vector<AlignedFloats> ahead_;  ///< [output][tile]: of the next block's sums, what is known; every other tile's is up to date
    std::size_t turn_ = 0;
    bool in_turn_ = false;         ///< the newest block's sums were
    bool ahead_is_known_ = false;  ///< the last one's were, so that every other tile of `ahead_` holds
};

}  // namespace stemwire::dsp::convolver
