// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>

#include "preset/value_editor.hpp"
#include "stemwire/error.hpp"

namespace stemwire::preset {

/// The text of a preset in which values are set one by one, comments, order and style of all else staying as they are. What comes out is not
/// checked: who sets values says what they are. Not realtime.
class Rewriter {
public:
    /// Errors: no YAML, or written in a way that cannot be edited. `path` names the preset in messages.
    [[nodiscard]] static Expected<Rewriter> open(std::string text, const std::string& path, double rate_hz);

    /// Errors: as open. The text is then as before.
    Expected<void> set(std::span<const Step> steps, const NewValue& value);

    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    Rewriter(std::string path, double rate_hz) : path_(std::move(path)), rate_hz_(rate_hz) {}
    Expected<void> read(std::string text);

    std::string path_;
    double rate_hz_;
    std::string text_;
    TextNode tree_;
    YamlNode read_;
};

}  // namespace stemwire::preset
