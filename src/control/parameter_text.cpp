// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/parameter_text.hpp"

#include <cmath>

#include "preset/preset.hpp"

namespace stemwire::control {

std::string_view kind_name(Kind kind) noexcept
{
    switch (kind) {
    case Kind::gain: return "gain";
    case Kind::time: return "time";
    case Kind::frequency: return "frequency";
    case Kind::amount: return "amount";
    case Kind::number: return "number";
    case Kind::integer: return "integer";
    case Kind::pan: return "pan";
    case Kind::flag: return "flag";
    case Kind::text: return "text";
    case Kind::path:
    case Kind::new_file: return "path";
    case Kind::choice: return "choice";
    case Kind::layout: return "layout";
    case Kind::time_range: return "[time, time]";
    case Kind::layout_map: return "name: layout";
    case Kind::gain_map: return "name: gain";
    case Kind::record_map: return "name: record";
    case Kind::record_list: return "list";
    case Kind::chain: return "chain";
    case Kind::record: return "record";
    }
    return "";
}

std::string_view unit_name(Kind kind) noexcept
{
    switch (kind) {
    case Kind::gain:
    case Kind::gain_map: return "dB";
    case Kind::time:
    case Kind::time_range: return "s";
    case Kind::frequency: return "Hz";
    default: return "";
    }
}

std::string default_text(const Parameter& row)
{
    if (row.required) return "(required)";
    if (!row.fallback_text.empty()) return std::string(row.fallback_text);
    if (row.kind == Kind::flag) return row.fallback != 0.0 ? "true" : "false";
    if (is_number(row.kind)) return preset::format_number(row, row.fallback);
    return "";
}

std::string range_text(const Parameter& row)
{
    std::string text;
    if (is_number(row.kind) && row.kind != Kind::flag && (std::isfinite(row.minimum) || std::isfinite(row.maximum)))
        text = (std::isfinite(row.minimum) ? preset::format_number(row, row.minimum) : "") + " … " +
               (std::isfinite(row.maximum) ? preset::format_number(row, row.maximum) : "");
    for (const NamedValue& named : row.named) text += (text.empty() ? "" : ", ") + std::string(named.word);
    for (const std::string_view word : row.words) text += (text.empty() ? "" : ", ") + std::string(word);
    return text;
}

}  // namespace stemwire::control
