// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include "dsp/kernels/kernels.hpp"
#include "dsp/resampler/kernels/kernels.hpp"

namespace stemwire::dsp::resampler {

extern const Kernels portable_kernels;
#if defined(__x86_64__)
extern const Kernels avx2_kernels;
extern const Kernels avx512_kernels;
#endif

namespace {

#if defined(__x86_64__)
constexpr std::array<const Kernels*, 3> compiled{&portable_kernels, &avx2_kernels, &avx512_kernels};
#else
constexpr std::array<const Kernels*, 1> compiled{&portable_kernels};
#endif

}  // namespace

std::span<const Kernels* const> usable_kernels() noexcept
{
    return {compiled.data(), dsp::usable_kernels().size()};
}

}  // namespace stemwire::dsp::resampler
