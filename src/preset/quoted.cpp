// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/quoted.hpp"

#include <string_view>

namespace stemwire::preset {

namespace {

constexpr std::string_view hexadecimal = "0123456789abcdef";

}  // namespace

std::string quoted(const std::string& text)
{
    std::string yaml = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') yaml += '\\';
        const auto byte = static_cast<unsigned char>(letter);
        if (byte < 0x20 || byte == 0x7f) yaml += std::string("\\x") + hexadecimal[byte / 16] + hexadecimal[byte % 16];
        else yaml += letter;
    }
    return yaml + "\"";
}

}  // namespace stemwire::preset
