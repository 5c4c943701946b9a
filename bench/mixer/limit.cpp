// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled with -ffp-contract=fast: a product and a sum are one instruction where there is one.
#include "bench/mixer/limit.hpp"

namespace stemwire::bench {

namespace {

// More than the latency of a multiply-add times how many begin in a cycle, and no more than there are registers.
constexpr std::size_t abreast = 12;

template <std::size_t lanes>
struct VectorOf {
    using Type [[gnu::vector_size(lanes * sizeof(float))]] = float;
};

/// `count` products and sums in vectors that stay in registers.
template <std::size_t lanes>
[[gnu::always_inline]] inline void run(std::size_t count)
{
    using Vector = typename VectorOf<lanes>::Type;
    volatile float half = 0.5f;  // read when it runs: nothing can be computed beforehand
    const Vector factor = Vector{} + half;
    Vector sums[abreast];
    for (std::size_t i = 0; i < abreast; ++i) sums[i] = factor * static_cast<float>(i);
    for (std::size_t done = 0; done < count; done += abreast * lanes)
        for (std::size_t i = 0; i < abreast; ++i) sums[i] = sums[i] * factor + factor;
    Vector all{};
    for (std::size_t i = 0; i < abreast; ++i) all += sums[i];
    half = all[0];
}

#if defined(__x86_64__)
[[gnu::target("avx512f")]] void run_avx512(std::size_t count)
{
    run<16>(count);
}

[[gnu::target("avx2,fma")]] void run_avx2(std::size_t count)
{
    run<8>(count);
}
#endif

}  // namespace

void multiply_add_only(std::string_view instruction_set, std::size_t count)
{
#if defined(__x86_64__)
    if (instruction_set == "avx512") return run_avx512(count);
    if (instruction_set == "avx2") return run_avx2(count);
#endif
    run<4>(count);
}

}  // namespace stemwire::bench
