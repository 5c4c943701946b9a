// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include "media/encoder.hpp"
#include "stemwire/node.hpp"

namespace stemwire::nodes {

/// All that can be set on a recorder.
[[nodiscard]] std::span<const Parameter> recorder_parameters() noexcept;

/// NodeType::ports: the groups asked for, else one `input` in the layout of what is linked to it. Says so where the file's format cannot
/// hold them.
Ports recorder_ports(const Settings& settings, const PortHints& hints, Errors& errors);

/// NodeType::check: that the name means something and its folder can be written.
void check_recorder(const Settings& settings, Errors& errors);

/// The pattern of the files' names, with its ending.
[[nodiscard]] std::string recorder_file(const Settings& settings);

/// What to write, but for its rate.
[[nodiscard]] media::EncodeRequest recorder_request(const Settings& settings, const Ports& ports);

}  // namespace stemwire::nodes
