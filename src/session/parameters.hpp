// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "session/instance.hpp"
#include "session/session_control.hpp"

/// The live parameters and meters of all nodes, by the addresses that people use.
namespace stemwire::session {

[[nodiscard]] std::vector<ParameterValue> parameter_values(const Instance& instance);
[[nodiscard]] std::vector<MeterValue> meter_values(const Instance& instance);

/// `NODE.PARAM`. The error suggests what was meant.
[[nodiscard]] Expected<ParameterValue> get_parameter(const Instance& instance, std::string_view address);
/// `value` as in a preset. The error says the range.
Expected<ParameterValue> set_parameter(const Instance& instance, std::string_view address, std::string_view value);
Expected<ParameterValue> set_parameter(const Instance& instance, std::string_view address, double value);

}  // namespace stemwire::session
