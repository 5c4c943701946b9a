// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dsp/convolver/bank.hpp"

namespace stemwire::dsp::convolver {

/// A bank whose work is spread. Every `size` frames a job begins (transform the inputs, multiply with every partition, transform back),
/// and its units are done in the ticks of the next `spread` frames, so that each has about the same share. All but construction is
/// wait-free. Source: Garcia (2002), section 4, without threads.
class Level {
public:
    /// As Bank. A tick comes every `interval` frames.
    Level(const PlannedLevel& plan, std::size_t interval, std::span<const ConvolverPath> paths, const Shape& shape, const Kernels& kernels);

    /// Does the share of the moment when `now` frames of input are in the history, a multiple of the interval.
    void tick(std::uint64_t now, const History& history) noexcept;
    /// Adds this level's part of the frames `now` … `now + interval − 1`, after tick(now).
    void add_output(std::uint64_t now, std::size_t output, float* sum) const noexcept;
    void reset() noexcept;

private:
    struct Unit {
        enum class Kind { forward, multiply, inverse };
        Kind kind;
        std::size_t channel;  ///< input of a forward, output of an inverse transform
        std::size_t begin;    ///< the transform's step, or the first tile
        std::size_t end;
    };

    void plan_units();
    void plan_ticks(std::span<const double> costs, std::size_t ticks);
    void run(const Unit& unit, std::uint64_t begun, const History& history) noexcept;
    [[nodiscard]] std::size_t phase(std::uint64_t now) const noexcept { return static_cast<std::size_t>(now & (bank_.size() - 1)); }

    Bank bank_;
    std::size_t interval_;
    std::size_t spread_;
    std::vector<Unit> units_;
    std::vector<std::size_t> units_done_;              ///< [tick of a job]: units that are done after it
    std::vector<std::vector<AlignedFloats>> results_;  ///< [0, 1][output][frame]
    std::size_t writing_ = 0;                          ///< which of the results the job writes; the other one is heard
};

}  // namespace stemwire::dsp::convolver
