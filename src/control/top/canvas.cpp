// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/top/canvas.hpp"

namespace stemwire::control::top {

namespace {

/// Bytes of the character that begins with this one; 0: none does.
std::size_t length_of(unsigned char lead)
{
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead < 0xe0) return 2;
    if (lead >= 0xe0 && lead < 0xf0) return 3;
    return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

/// The character at the front, and how many bytes it has; a `?` for what is none.
char32_t take(std::string_view& text)
{
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = length_of(lead);
    char32_t character = length == 1 ? lead : lead & (0xffU >> (length + 1));
    bool good = length > 0 && length <= text.size() && lead >= 0x20 && lead != 0x7f;
    for (std::size_t index = 1; good && index < length; ++index) {
        const auto byte = static_cast<unsigned char>(text[index]);
        good = (byte & 0xc0U) == 0x80U;
        character = character << 6U | (byte & 0x3fU);
    }
    text.remove_prefix(good ? length : 1);
    return good ? character : U'?';
}

void append_utf8(std::string& text, char32_t character)
{
    const auto byte = [&text](char32_t value) { text.push_back(static_cast<char>(value)); };
    if (character < 0x80) return byte(character);
    if (character < 0x800) byte(0xc0U | character >> 6U);
    else if (character < 0x10000) byte(0xe0U | character >> 12U);
    else byte(0xf0U | character >> 18U);
    if (character >= 0x10000) byte(0x80U | (character >> 12U & 0x3fU));
    if (character >= 0x800) byte(0x80U | (character >> 6U & 0x3fU));
    byte(0x80U | (character & 0x3fU));
}

}  // namespace

std::u32string characters(std::string_view text)
{
    std::u32string all;
    while (!text.empty()) all.push_back(take(text));
    return all;
}

void Canvas::put(int row, int column, char32_t glyph, Ink ink)
{
    if (row < 0 || row >= rows_ || column < 0 || column >= columns_) return;
    Cell& cell = cells_[index(row, column)];
    cell.glyph = glyph;
    cell.ink = ink;
}

int Canvas::write(int row, int column, std::string_view text, Ink ink)
{
    for (const char32_t glyph : characters(text)) put(row, column++, glyph, ink);
    return column;
}

void Canvas::write_right(int row, int column, std::string_view text, Ink ink)
{
    write(row, column + 1 - static_cast<int>(characters(text).size()), text, ink);
}

void Canvas::choose(int row)
{
    for (int column = 0; row >= 0 && row < rows_ && column < columns_; ++column) cells_[index(row, column)].chosen = true;
}

std::string Canvas::text(int row) const
{
    std::string line;
    for (int column = 0; column < columns_; ++column) append_utf8(line, at(row, column).glyph);
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

}  // namespace stemwire::control::top
