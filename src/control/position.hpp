// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include "stemwire/error.hpp"

/// Places on the timeline as a person writes them. Thread: any but realtime.
namespace stemwire::control {

/// `1:23.5`, `1:02:03`, `83 s`, `480 frames`, a bare number of seconds; in seconds, 0 … 1e7.
[[nodiscard]] Expected<double> parse_position(std::string_view text, double rate_hz);
/// The same with a `+` or `-` in front.
[[nodiscard]] Expected<double> parse_distance(std::string_view text, double rate_hz);

/// `1:23.5`, `1:02:03.0`: tenths of seconds, cut off, so that a clock that shows it never runs ahead.
[[nodiscard]] std::string format_position(double seconds);

}  // namespace stemwire::control
