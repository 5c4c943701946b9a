// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Open Sound Control 1.0 messages, packed and unpacked by liblo.
namespace stemwire::control {

using OscArgument = std::variant<double, bool, std::string>;

struct OscMessage {
    std::string path;
    std::vector<OscArgument> arguments;
};

/// Calls back for each message of a packet, in order; of a bundle for all that is inside, whatever time it asks for. What is malformed,
/// has arguments of other types than numbers, texts and truth values, or is nested deeper than 8 bundles, is left out. Writes into `packet`.
/// Guarantee: no more calls than `packet` has bytes.
void unpack_osc(std::span<char> packet, const std::function<void(const OscMessage&)>& callback);

/// Numbers go out as 32-bit floats.
[[nodiscard]] std::string pack_osc(const OscMessage& message);

/// `/stemwire/mix/drums/gain` for `mix.drums.gain`, and back; nothing where the path is another's.
[[nodiscard]] std::string osc_path(std::string_view address);
[[nodiscard]] std::string address_of(std::string_view path);

/// True where the path has wildcards (`?`, `*`, `[…]`, `{…}`).
[[nodiscard]] bool is_osc_pattern(std::string_view path);
[[nodiscard]] bool osc_matches(const std::string& path, const std::string& pattern);

}  // namespace stemwire::control
