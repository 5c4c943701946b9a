// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "dsp/mix.hpp"

namespace stemwire::dsp {

/// The inner loops, compiled once for each instruction set. What they promise stands where they are used.
struct Kernels {
    const char* name;
    void (*mix)(const MixTerm* terms, std::size_t count, float* out, std::uint32_t frames) noexcept;
    Level (*measure)(const MixTerm& term, std::uint32_t frames) noexcept;
};

/// Those that this processor can run: first the portable one, which is the oracle of the others, last the fastest.
[[nodiscard]] std::span<const Kernels* const> usable_kernels() noexcept;
/// The fastest. Guarantee: wait-free after the program's start.
[[nodiscard]] const Kernels& best_kernels() noexcept;

}  // namespace stemwire::dsp
