// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "stemwire/error.hpp"

namespace stemwire::cli {

/// True where standard error is a terminal: progress and meters are drawn only there.
[[nodiscard]] bool on_terminal();
/// True where standard error may be coloured: a terminal, and no NO_COLOR.
[[nodiscard]] bool in_colour();
/// Columns of the terminal; 80 where nobody knows.
[[nodiscard]] int terminal_columns();

/// `stemwire: MESSAGE` on standard error.
void say(const std::string& message);
/// Each error, and each warning as a warning, on standard error.
void print_errors(const Errors& errors);
void print_warnings(const Errors& warnings);
/// Of a command that ended with these: an error that names a file blames the preset or a media file, any other this machine.
[[nodiscard]] int exit_status_of(const Errors& errors);
/// `stemwire: error: MESSAGE`, for an error that no file is to blame for.
void print_error(const std::string& message);

}  // namespace stemwire::cli
