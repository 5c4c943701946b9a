// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dsp/convolver/aligned.hpp"
#include "dsp/convolver/plan.hpp"
#include "dsp/convolver/transform.hpp"

namespace stemwire::dsp {

struct ConvolverPath;

namespace convolver {

/// The last frames of every input: a ring per input whose length is a power of two.
struct History {
    std::size_t frames = 0;  ///< of one ring
    AlignedFloats samples;   ///< [input][frame]

    /// Where a frame of the stream is, and those after it up to the next multiple of any power of two no longer than the ring.
    [[nodiscard]] const float* at(std::size_t input, std::uint64_t frame) const noexcept
    {
        return samples.data() + input * frames + (frame & (frames - 1));
    }
    [[nodiscard]] float* at(std::size_t input, std::uint64_t frame) noexcept
    {
        return samples.data() + input * frames + (frame & (frames - 1));
    }
};

/// All partitions of one size. Every `size` frames a job begins (transform the inputs, multiply with every partition, transform back),
/// and its units are done in the calls of tick over the next `spread` frames, so that each has about the same share.
/// Source of the spreading: Garcia (2002), section 4, without threads.
class Level {
public:
    /// Transforms the impulses, which are not needed afterwards; `scale` is applied to them. `kernels` must outlive it.
    Level(const PlannedLevel& plan, std::span<const ConvolverPath> paths, std::size_t delay, std::size_t inputs, std::size_t outputs,
          const Kernels& kernels);

    /// Does the share of the moment when `now` frames of input are in the history, a multiple of base_block. Wait-free.
    void tick(std::uint64_t now, const History& history) noexcept;
    /// Adds this level's part of the frames `now` … `now + base_block − 1`, after tick(now). Wait-free.
    void add_output(std::uint64_t now, std::size_t output, float* sum) const noexcept;
    void reset() noexcept;

    /// Frames after which nothing is left of an input.
    [[nodiscard]] std::size_t memory() const noexcept { return (slots_ + 3) * size_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    struct Unit {
        enum class Kind { forward, multiply, inverse };
        Kind kind;
        std::size_t channel;  ///< input of a forward, output of an inverse transform
        std::size_t begin;    ///< the transform's step, or the first tile
        std::size_t end;
    };
    struct Path {
        std::size_t input;
        AlignedFloats spectra;  ///< [tile][partition]
    };

    void transform_impulse(const ConvolverPath& path, std::size_t delay);
    void plan_units();
    void plan_ticks(std::span<const double> costs);
    void run(const Unit& unit, std::uint64_t begun, const History& history) noexcept;
    void forward(const Unit& unit, std::uint64_t begun, const History& history) noexcept;
    void multiply(std::size_t tile) noexcept;
    [[nodiscard]] float* spectrum(std::size_t input, std::size_t slot) noexcept;
    [[nodiscard]] TileRuns runs(std::size_t input, std::size_t tile) const noexcept;
    [[nodiscard]] std::size_t phase(std::uint64_t now) const noexcept { return static_cast<std::size_t>(now % size_); }

    PlannedLevel plan_;
    std::size_t size_;
    std::size_t slots_;       ///< spectra of each input that are kept
    std::size_t inputs_;
    const Kernels& kernels_;
    Transform transform_;
    std::vector<std::vector<Path>> paths_;  ///< [output]
    std::vector<Unit> units_;
    std::vector<std::size_t> units_done_;   ///< [tick of a job]: units that are done after it

    AlignedFloats spectra_;   ///< [input][tile][slot]: newest at `newest_`, older ones after it, around
    std::size_t newest_ = 0;
    AlignedFloats work_;
    std::vector<AlignedFloats> sums_;                     ///< [output][tile]
    std::vector<std::vector<AlignedFloats>> results_;     ///< [0, 1][output][frame]
    std::size_t writing_ = 0;                             ///< which of the results the job writes; the other one is heard
};

}  // namespace convolver

}  // namespace stemwire::dsp
