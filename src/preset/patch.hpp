// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "preset/difference.hpp"
#include "stemwire/error.hpp"

namespace stemwire::preset {

/// What is to be other in a preset than what its text says.
struct Changes {
    struct Number {
        std::string address;   ///< with the node: `mix.drums.gain`, `master.compressor-2.threshold`, `hall.predelay`
        double value = 0.0;    ///< in the parameter's own number
    };
    std::vector<Number> numbers{};
    /// Nothing: as it is. Else the loop in seconds, or none.
    std::optional<std::optional<std::pair<double, double>>> loop_seconds{};
    struct External {
        std::string name;      ///< in the preset; not used there yet
        std::string node;      ///< its node.name, itself and no pattern
    };
    std::vector<External> externals_added{};
    /// Ends as in a preset: `mix:drums`, `mix:drums_FL`, `drums`, `speakers`; a port of an external too, though the preset names the external alone.
    std::vector<PortLink> links_removed{};
    std::vector<PortLink> links_added{};
};

/// Edits the text of a preset in place: comments, order and style of all that is not changed stay byte for byte. Values are written in the unit that
/// stands there; what has no place yet gets one in the style of its surroundings. What comes from an anchor is written over where it is used: other uses
/// of the anchor keep their values. Links are cut out of their chains; new ones that pair whole groups are written as groups.
/// The result was read back: it says what `text` says but for the changes, or there is an error. `path` names the preset in messages; its folder is
/// where its files are.
/// Guarantee: blocking. Thread: any but realtime. Never throws.
[[nodiscard]] Expected<std::string> apply(std::string_view text, const std::string& path, const Changes& changes);

/// Puts a text in the place of a file's content: nobody ever sees half of it, and a crash leaves the old or the new. Symbolic links stay and lead to the
/// new content; permissions stay, and the owner where that is allowed. A file that is not there is made. Guarantee: blocking.
[[nodiscard]] Expected<void> replace_file(const std::string& path, std::string_view text);

}  // namespace stemwire::preset
