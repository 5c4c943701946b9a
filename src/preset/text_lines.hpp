// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace stemwire::preset {

/// Where the line begins that this byte is in.
[[nodiscard]] inline std::size_t line_begin(std::string_view text, std::size_t at) noexcept
{
    if (at == 0) return 0;
    const std::size_t before = text.rfind('\n', at - 1);
    return before == std::string_view::npos ? 0 : before + 1;
}

/// Where it ends: its line break, or the end of the text.
[[nodiscard]] inline std::size_t line_end(std::string_view text, std::size_t at) noexcept
{
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return text.size();
    return end > at && text[end - 1] == '\r' ? end - 1 : end;
}

/// Where the next line begins; the text's size where there is none.
[[nodiscard]] inline std::size_t next_line(std::string_view text, std::size_t at) noexcept
{
    const std::size_t end = text.find('\n', at);
    return end == std::string_view::npos ? text.size() : end + 1;
}

/// The line break that the text uses.
[[nodiscard]] inline std::string_view line_break(std::string_view text) noexcept
{
    const std::size_t first = text.find('\n');
    return first != std::string_view::npos && first > 0 && text[first - 1] == '\r' ? "\r\n" : "\n";
}

/// Bytes begin … end − 1 become another text.
struct TextEdit {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string replacement{};
};

/// The text with all edits done that do not meet; of two that touch the same bytes or begin at the same place, the first in the list.
[[nodiscard]] std::string edited(std::string_view text, std::vector<TextEdit> edits);

}  // namespace stemwire::preset
