// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/text_output.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "cli/command.hpp"
#include "cli/terminal.hpp"

namespace stemwire::cli {

int write_out(const std::string& text, const std::string& file)
{
    if (file.empty()) {
        std::cout << text << std::flush;
        return std::cout ? exit_done : exit_failed;
    }
    std::ofstream stream(file, std::ios::binary);
    stream << text << std::flush;
    if (stream) return exit_done;
    print_error(file + ": cannot be written: " + std::strerror(errno));
    return exit_failed;
}

}  // namespace stemwire::cli
