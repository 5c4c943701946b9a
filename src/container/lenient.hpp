// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

/// What JSON of others says, taken as it comes: what is missing or of the wrong type has its default.
namespace stemwire::container {

using Json = nlohmann::ordered_json;
using Names = std::initializer_list<const char*>;

[[nodiscard]] std::string_view trimmed(std::string_view text);

/// The member of this name, or null.
[[nodiscard]] const Json& member(const Json& object, const char* name);
/// The first member of these names that is not null, or null.
[[nodiscard]] const Json& member(const Json& object, Names names);

/// A finite number, or a text that is one.
[[nodiscard]] std::optional<double> as_number(const Json& json);
[[nodiscard]] double number_of(const Json& object, Names names, double fallback);
[[nodiscard]] std::string text_of(const Json& object, Names names);
[[nodiscard]] bool flag_of(const Json& object, Names names, bool fallback);

/// A gain as a linear factor: a number or a text without unit is one, `6db` is converted.
[[nodiscard]] double factor_of(const Json& object, Names names, double fallback);
/// A gain in dB: a number and `6db` are dB, a text without unit is a linear factor.
[[nodiscard]] double decibels_of(const Json& object, Names names, double fallback);

/// As short as it can be without losing anything.
[[nodiscard]] std::string number_text(double number);

}  // namespace stemwire::container
