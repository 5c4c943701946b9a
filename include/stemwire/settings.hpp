// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stemwire/error.hpp"
#include "stemwire/layout.hpp"
#include "stemwire/parameter.hpp"

namespace stemwire {

struct Value;

/// A record's checked values: one for every row of its table, defaults filled in. Plain data, freely copied.
/// Asking for a name that the table lacks is a bug of ours and throws std::out_of_range.
/// Thread: any but realtime.
class Settings {
public:
    Settings();
    ~Settings();
    Settings(const Settings&);
    Settings(Settings&&) noexcept;
    Settings& operator=(const Settings&);
    Settings& operator=(Settings&&) noexcept;
    /// Every row at its default, and `unit` naming a chain's unit kind (empty elsewhere).
    explicit Settings(std::span<const Parameter> table, std::string_view unit = {}, Mark mark = {});

    [[nodiscard]] std::span<const Parameter> table() const noexcept { return table_; }
    [[nodiscard]] std::string_view unit() const noexcept { return unit_; }
    [[nodiscard]] Mark mark() const noexcept { return mark_; }

    [[nodiscard]] std::span<const Value> values() const noexcept;
    [[nodiscard]] std::span<Value> values() noexcept;
    [[nodiscard]] const Value& operator[](std::string_view name) const;
    [[nodiscard]] Value& operator[](std::string_view name);

    [[nodiscard]] double number(std::string_view name) const;
    [[nodiscard]] bool flag(std::string_view name) const;
    [[nodiscard]] const std::string& text(std::string_view name) const;
    [[nodiscard]] bool given(std::string_view name) const;

private:
    [[nodiscard]] std::size_t index(std::string_view name) const;

    std::span<const Parameter> table_{};
    std::string_view unit_{};
    Mark mark_{};
    std::vector<Value> values_;
};

/// The checked value of one parameter. Which member holds it follows from the parameter's kind.
struct Value {
    const Parameter* parameter = nullptr;
    bool given = false;  ///< false: the table's default stands here
    Mark mark{};         ///< where the value stands in the preset
    double number = 0.0;                ///< gain … flag, in the kind's own number
    std::string text{};                 ///< text, path (absolute), choice
    ChannelLayout layout{};             ///< layout; empty: not given and no default
    std::vector<double> numbers{};      ///< time_range: two seconds, or empty
    std::vector<std::pair<std::string, ChannelLayout>> layouts{};  ///< layout_map, in the order of the file
    std::vector<std::pair<std::string, double>> gains{};           ///< gain_map: dB
    /// record_map: the keys; record_list: "1", "2", …; chain: the unit's name in addresses ("eq", "eq-2"); record: one, named "".
    std::vector<std::pair<std::string, Settings>> records{};
};

}  // namespace stemwire
