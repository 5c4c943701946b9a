// SPDX-License-Identifier: GPL-3.0-or-later
// For each line on standard input, prints by how many milliseconds this machine was late at worst since the line before.
#include <cstdio>
#include <iostream>
#include <string>

#include "tests/support/lateness.hpp"

int main()
{
    stemwire::test::Lateness lateness;
    for (std::string line; std::getline(std::cin, line); lateness.begin()) {
        std::printf("%.3f\n", static_cast<double>(lateness.worst_ns()) / 1e6);
        std::fflush(stdout);
    }
}
