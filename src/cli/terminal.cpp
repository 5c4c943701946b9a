// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/terminal.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/command.hpp"

namespace stemwire::cli {

namespace {

constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view yellow = "\x1b[33m";
constexpr std::string_view plain = "\x1b[0m";

/// `text` with its first `word` in colour.
std::string coloured(std::string text, std::string_view word, std::string_view colour)
{
    const auto at = text.find(word);
    if (!in_colour() || at == std::string::npos) return text;
    text.insert(at + word.size(), plain);
    text.insert(at, colour);
    return text;
}

}  // namespace

bool on_terminal()
{
    return isatty(STDERR_FILENO) != 0;
}

bool in_colour()
{
    const char* no_color = std::getenv("NO_COLOR");
    return on_terminal() && (no_color == nullptr || *no_color == '\0');
}

int terminal_columns()
{
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void say(const std::string& message)
{
    std::cerr << "stemwire: " << message << std::endl;
}

void print_errors(const Errors& errors)
{
    for (const Error& error : errors)
        std::cerr << coloured((error.file.empty() ? "stemwire: " : "") + to_string(error), "error:", red) << '\n';
}

void print_warnings(const Errors& warnings)
{
    for (const Error& warning : warnings)
        std::cerr << coloured((warning.file.empty() ? "stemwire: " : "") + to_string(warning, "warning"), "warning:", yellow) << '\n';
}

int exit_status_of(const Errors& errors)
{
    return std::ranges::any_of(errors, [](const Error& error) { return !error.file.empty(); }) ? exit_bad_input : exit_failed;
}

void print_error(const std::string& message)
{
    print_errors({Error{message}});
}

}  // namespace stemwire::cli
