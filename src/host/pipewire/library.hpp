// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

namespace stemwire::host {

/// `1.6.8`: major, minor, micro; zeros for what is no version.
[[nodiscard]] std::array<int, 3> version_of(const char* text);
/// Of the library that we run with, which may be newer than the one that we were built with.
[[nodiscard]] std::array<int, 3> library_version();
/// Before 1.4 only client-rt.conf asks for realtime data loops; since then client.conf does, and warns of the old name.
[[nodiscard]] const char* client_config();

}  // namespace stemwire::host
