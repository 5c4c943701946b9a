// SPDX-License-Identifier: GPL-3.0-or-later
// Gives a target every file of the folders that are named: what a build without libFuzzer can do.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "input.hpp"

int main(int count, char** arguments)
{
    std::size_t inputs = 0;
    for (int index = 1; index < count; ++index)
        for (const auto& entry : std::filesystem::directory_iterator(arguments[index])) {
            if (!entry.is_regular_file()) continue;
            std::ifstream stream(entry.path(), std::ios::binary);
            const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
            std::cout << entry.path().filename().string() << std::endl;  // the last one shown is the one that failed
            LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
            ++inputs;
        }
    std::cout << inputs << " inputs\n";
    return inputs > 0 ? 0 : 1;
}
