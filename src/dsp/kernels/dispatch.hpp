// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <span>

/// The tables that a kernels.cpp is compiled into, by their names in its namespace, from the portable one to the fastest.
#if defined(__x86_64__)
#define STEMWIRE_KERNEL_TABLES portable_kernels, avx2_kernels, avx512_kernels
#else
#define STEMWIRE_KERNEL_TABLES portable_kernels
#endif

namespace stemwire::dsp {

/// How many of these instruction sets the processor has; each has those before it. Guarantee: wait-free after the program's start.
[[nodiscard]] std::size_t usable_instruction_sets() noexcept;

/// Those of the tables that the processor can run. Guarantee: wait-free after the program's start.
template <const auto& portable, const auto&... faster>
[[nodiscard]] auto usable_tables() noexcept
{
    static constexpr std::array compiled{&portable, &faster...};
    return std::span(compiled).first(usable_instruction_sets());
}

}  // namespace stemwire::dsp
