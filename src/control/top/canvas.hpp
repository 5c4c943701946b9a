// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stemwire::control::top {

/// What a cell is for; the screen chooses a colour.
enum class Ink : std::uint8_t { plain, title, quiet, good, warm, hot };

struct Cell {
    char32_t glyph = U' ';
    Ink ink = Ink::plain;
    bool chosen = false;
    friend bool operator==(const Cell&, const Cell&) = default;
};

/// A screen's worth of cells. What does not fit on it is cut off.
class Canvas {
public:
    Canvas(int rows, int columns) : rows_(rows), columns_(columns), cells_(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns)) {}

    [[nodiscard]] int rows() const noexcept { return rows_; }
    [[nodiscard]] int columns() const noexcept { return columns_; }
    [[nodiscard]] const Cell& at(int row, int column) const { return cells_[index(row, column)]; }

    void put(int row, int column, char32_t glyph, Ink ink = Ink::plain);
    /// UTF-8; a byte that is none becomes `?`. Says at which column it ended.
    int write(int row, int column, std::string_view text, Ink ink = Ink::plain);
    /// Ends at the right edge of `column`.
    void write_right(int row, int column, std::string_view text, Ink ink = Ink::plain);
    void choose(int row);
    /// A row as UTF-8, without the blanks at its end.
    [[nodiscard]] std::string text(int row) const;

private:
    [[nodiscard]] std::size_t index(int row, int column) const noexcept
    {
        return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns_) + static_cast<std::size_t>(column);
    }

    int rows_;
    int columns_;
    std::vector<Cell> cells_;
};

/// The characters of a text in UTF-8; of a byte that is none, and of control characters, `?`.
[[nodiscard]] std::u32string characters(std::string_view text);

}  // namespace stemwire::control::top
