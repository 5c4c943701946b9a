// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace stemwire::media {

/// An errno as what follows a file's name: `does not exist`, `cannot be read: Permission denied`.
[[nodiscard]] std::string system_problem(int error);

/// What can be said of a file without a look at what it holds: that it is a folder, a pipe or a device, or empty, or not there. Empty where nothing is wrong.
/// Guarantee: blocking.
[[nodiscard]] std::string file_problem(const std::string& path);

}  // namespace stemwire::media
