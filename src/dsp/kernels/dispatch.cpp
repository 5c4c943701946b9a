// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include "dsp/kernels/kernels.hpp"

namespace stemwire::dsp {

extern const Kernels portable_kernels;
#if defined(__x86_64__)
extern const Kernels avx2_kernels;
extern const Kernels avx512_kernels;
#endif

namespace {

struct Usable {
    std::array<const Kernels*, 3> kernels{&portable_kernels};
    std::size_t count = 1;

    Usable() noexcept
    {
#if defined(__x86_64__)
        __builtin_cpu_init();
        const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
        if (avx2) kernels[count++] = &avx2_kernels;
        if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) kernels[count++] = &avx512_kernels;
#endif
    }
};

const Usable usable;

}  // namespace

std::span<const Kernels* const> usable_kernels() noexcept
{
    return {usable.kernels.data(), usable.count};
}

const Kernels& best_kernels() noexcept
{
    return *usable.kernels[usable.count - 1];
}

}  // namespace stemwire::dsp
