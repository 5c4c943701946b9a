// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>

namespace stemwire::media {

/// Makes samples of residuals, in place. The first samples, as many as the order, are there. Guarantee: wait-free; sums wrap.

/// RFC 9639, 9.2.5: polynomials of order 0 … 4.
void restore_fixed(unsigned order, std::span<std::int32_t> samples) noexcept;

/// 9.2.6: `coefficients[0]` weighs the sample before; order 1 … 32.
void restore_linear(std::span<const std::int32_t> coefficients, unsigned shift, std::span<std::int32_t> samples) noexcept;

}  // namespace stemwire::media
