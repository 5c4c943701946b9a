// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/flac/prediction.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace stemwire::media {

namespace {

std::int32_t wrapped(std::int64_t sum) noexcept
{
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(sum));
}

/// The newest sample is weighed last: only that waits for it.
template <std::size_t order, std::size_t... k>
void restore(const std::int32_t* coefficients, unsigned shift, std::span<std::int32_t> samples, std::index_sequence<k...>) noexcept
{
    const std::array<std::int64_t, order> weights{coefficients[order - 1 - k]...};
    for (std::size_t i = order; i < samples.size(); ++i) {
        const std::int32_t* oldest = &samples[i - order];
        const std::int64_t sum = (... + (weights[k] * oldest[k]));
        samples[i] = wrapped(samples[i] + (sum >> shift));
    }
}

template <std::size_t order>
void restore_order(const std::int32_t* coefficients, unsigned shift, std::span<std::int32_t> samples) noexcept
{
    restore<order>(coefficients, shift, samples, std::make_index_sequence<order>());
}

using Restore = void (*)(const std::int32_t*, unsigned, std::span<std::int32_t>) noexcept;

template <std::size_t... orders>
constexpr std::array<Restore, sizeof...(orders)> make_restores(std::index_sequence<orders...>)
{
    return {&restore_order<orders + 1>...};
}

constexpr auto restores = make_restores(std::make_index_sequence<32>());

}  // namespace

void restore_fixed(unsigned order, std::span<std::int32_t> samples) noexcept
{
    constexpr std::array<std::array<std::int32_t, 4>, 5> weights{{{}, {1}, {2, -1}, {3, -3, 1}, {4, -6, 4, -1}}};
    if (order > 0) restores[order - 1](weights[order].data(), 0, samples);
}

void restore_linear(std::span<const std::int32_t> coefficients, unsigned shift, std::span<std::int32_t> samples) noexcept
{
    restores[coefficients.size() - 1](coefficients.data(), shift, samples);
}

}  // namespace stemwire::media
