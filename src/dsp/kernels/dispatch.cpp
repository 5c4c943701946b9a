// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/kernels/dispatch.hpp"

#include "dsp/kernels/kernels.hpp"

namespace stemwire::dsp {

extern const Kernels STEMWIRE_KERNEL_TABLES;

namespace {

std::size_t count_instruction_sets() noexcept
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 1;
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") ? 3 : 2;
#else
    return 1;
#endif
}

}  // namespace

std::size_t usable_instruction_sets() noexcept
{
    static const std::size_t count = count_instruction_sets();
    return count;
}

std::span<const Kernels* const> usable_kernels() noexcept
{
    return usable_tables<STEMWIRE_KERNEL_TABLES>();
}

const Kernels& best_kernels() noexcept
{
    static const Kernels& best = *usable_kernels().back();
    return best;
}

namespace {

[[maybe_unused]] const Kernels& found_at_start = best_kernels();  // so that no audio thread is the first to ask

}  // namespace

}  // namespace stemwire::dsp
