// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "stemwire/parameter.hpp"

/// A row of a node type's table in words, for references and listings.
namespace stemwire::control {

/// True where the value is one number.
[[nodiscard]] constexpr bool is_number(Kind kind) noexcept { return kind <= Kind::flag; }
[[nodiscard]] std::string_view kind_name(Kind kind) noexcept;
/// `dB`, `s`, `Hz`, or nothing.
[[nodiscard]] std::string_view unit_name(Kind kind) noexcept;
[[nodiscard]] std::string default_text(const Parameter& row);
/// `-60 dB … 24 dB`, `best, high, fast`; empty where everything is allowed.
[[nodiscard]] std::string range_text(const Parameter& row);

}  // namespace stemwire::control
