// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <string>

#include <nlohmann/json.hpp>

#include "session/session_control.hpp"

/// What a session says, as JSON. Numbers that are not finite (a gain that is off, the level of silence) are null.
namespace stemwire::control {

using Json = nlohmann::ordered_json;

[[nodiscard]] inline Json number_or_null(double value)
{
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

/// One line, whatever bytes a path may have.
[[nodiscard]] inline std::string to_line(const Json& json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// `state`, `seconds`, `frame`, `loop`, `end_seconds`.
[[nodiscard]] Json transport_json(const session::SessionStatus& status);
[[nodiscard]] Json status_json(const session::SessionStatus& status);
/// The same the other way round. What is not of the shape throws nlohmann::json::exception.
[[nodiscard]] session::SessionStatus status_from_json(const Json& json);
/// `address`, `value`, `text` (with the unit), `unit`.
[[nodiscard]] Json value_json(const session::ParameterValue& value);
/// The same with `minimum`, `maximum`, `default` and `description`.
[[nodiscard]] Json parameter_json(const session::ParameterValue& value);
[[nodiscard]] Json meters_json(const std::vector<session::MeterValue>& meters);
/// The same the other way round. What is not of the shape throws nlohmann::json::exception.
[[nodiscard]] std::vector<session::MeterValue> meters_from_json(const Json& json);
/// Only of those that measure loudness.
[[nodiscard]] Json loudness_json(const std::vector<session::MeterValue>& meters);

}  // namespace stemwire::control
