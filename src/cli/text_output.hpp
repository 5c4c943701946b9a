// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace stemwire::cli {

/// Writes a result to a file, or to standard output where the name is empty. Returns the exit status, after what is wrong was said.
int write_out(const std::string& text, const std::string& file);

}  // namespace stemwire::cli
