// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace stemwire {

/// What a parameter's value is, and so which units it may carry in YAML and which number it becomes.
enum class Kind : std::uint8_t {
    gain,         ///< `-3 dB`, `off`, a bare number in dB     → dB (`off` is −∞)
    time,         ///< `20 ms`, `2.5 s`, `1 min`, `480 frames` → seconds
    frequency,    ///< `80 Hz`, `3.2 kHz`                      → Hz
    amount,       ///< `0.5`, `50 %`                           → 0 … 1 (or the range given)
    number,       ///< a bare number without unit (a ratio, a Q)
    integer,      ///< a whole number
    pan,          ///< `L100` … `C` … `R100`, or −1 … +1       → −1 … +1
    flag,         ///< `true` / `false`                        → 0 / 1
    text,         ///< any scalar, kept as it is written
    path,         ///< a file, relative to the preset's folder → absolute path; must exist and be readable
    choice,       ///< one of `words`
    layout,       ///< `stereo`, `5.1`, `[FL, FR, LFE]`
    time_range,   ///< `[from, to]`, from < to                 → two times in seconds
    layout_map,   ///< name → layout
    gain_map,     ///< name → gain
    record_map,   ///< name → record with the rows `children`
    record_list,  ///< list of records with the rows `children`
    new_file,     ///< a file that will be written, relative to the preset's folder → absolute path
    chain,        ///< list of one-key maps: the key names one of `units`, its value is that unit's record
    record,       ///< a record whose rows depend on another row beside it: `rows_of`
};

/// A word that stands for a number: `zero`, `true`, `off`.
struct NamedValue {
    std::string_view word;
    double value;
};

struct Parameter;

/// One kind of unit in a chain.
struct Unit {
    std::string_view name;
    std::span<const Parameter> parameters;
    std::string_view description;
};

/// One row of a node type's table: all that anyone knows about a parameter. The YAML reader, `stemwire nodes`,
/// the generated reference, PropInfo and remote control are made from it. Build rows with designated initialisers.
struct Parameter {
    std::string_view name;
    Kind kind;
    std::string_view description;  ///< one line, without a full stop
    double minimum = -std::numeric_limits<double>::infinity();  ///< in the kind's own number, inclusive
    double maximum = std::numeric_limits<double>::infinity();
    double fallback = 0.0;                    ///< the default of a number
    std::string_view fallback_text{};         ///< the default of a text, choice or layout; for a number: how to show it
    bool required = false;
    bool live = false;                        ///< may change while playing
    std::span<const std::string_view> words{};    ///< of a choice
    std::span<const NamedValue> named{};          ///< words that a number may be given as
    std::span<const Parameter> children{};        ///< rows of a record_map's or record_list's records
    std::span<const Unit> units{};                ///< of a chain
    /// The address of what is inside leaves this row's own name out: `mix.drums.gain`, not `mix.channels.drums.gain`.
    bool hidden_in_address = false;
    /// Of a record: its rows, by the text of the row `rows_from` beside it; empty where that text means nothing. They stay for good.
    std::span<const Parameter> (*rows_of)(std::string_view text) = nullptr;
    std::string_view rows_from{};
    std::string_view unit{};  ///< what may stand behind a number or integer (`ms`, `st`), as it is
};

}  // namespace stemwire
