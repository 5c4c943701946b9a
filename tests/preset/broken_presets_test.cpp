// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "media/decode_pool.hpp"
#include "preset/preset.hpp"

namespace stemwire::preset {
namespace {

namespace fs = std::filesystem;

fs::path folder()
{
    const char* path = std::getenv("STEMWIRE_BROKEN_PRESETS");
    if (path == nullptr) throw std::runtime_error("STEMWIRE_BROKEN_PRESETS is not set: run this by meson test");
    return path;
}

std::string text_of(const fs::path& path)
{
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// Every error as it is printed, with the folder's own path left out.
std::string messages_of(const fs::path& preset)
{
    std::string text;
    for (const Error& error : load(preset.filename().string()).errors) text += to_string(error) + "\n";
    const std::string here = fs::current_path().string() + "/";
    for (std::size_t at = text.find(here); at != std::string::npos; at = text.find(here)) text.erase(at, here.size());
    return text;
}

std::vector<fs::path> broken_presets()
{
    std::vector<fs::path> presets;
    for (const auto& entry : fs::directory_iterator(folder()))
        if (entry.path().extension() == ".yaml") presets.push_back(entry.path());
    std::ranges::sort(presets);
    return presets;
}

TEST(BrokenPresets, each_gives_exactly_the_messages_beside_it)
{
    fs::current_path(folder());
    const auto presets = broken_presets();
    ASSERT_GE(presets.size(), 30u);
    for (const fs::path& preset : presets) {
        const std::string messages = messages_of(preset);
        EXPECT_NE(messages, "") << preset;
        EXPECT_EQ(messages, text_of(fs::path(preset).replace_extension(".expected"))) << preset;
    }
}

}  // namespace
}  // namespace stemwire::preset
