// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/text_lines.hpp"

namespace stemwire::preset {

std::string edited(std::string_view text, std::vector<TextEdit> edits)
{
    std::ranges::stable_sort(edits, {}, &TextEdit::begin);
    std::string result;
    std::size_t done = 0;
    const TextEdit* last = nullptr;
    for (const TextEdit& edit : edits) {
        if (last != nullptr && (edit.begin < last->end || edit.begin == last->begin)) continue;
        result.append(text.substr(done, edit.begin - done)).append(edit.replacement);
        done = edit.end;
        last = &edit;
    }
    return result.append(text.substr(done));
}

}  // namespace stemwire::preset
