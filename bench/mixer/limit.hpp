// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string_view>

namespace stemwire::bench {

/// Does at least so many multiply-adds of floats and nothing else, with the vectors of an instruction set by its kernels' name: what no
/// mixer can be faster than. Where the set has no fused one, a product and a sum.
void multiply_add_only(std::string_view instruction_set, std::size_t count);

}  // namespace stemwire::bench
