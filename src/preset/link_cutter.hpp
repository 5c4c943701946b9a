// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "preset/difference.hpp"
#include "preset/link_reader.hpp"
#include "preset/yaml_tree.hpp"

namespace stemwire::preset {

/// True where one of the links asked for is the one that is there, or names a port of an external that stands there without one.
[[nodiscard]] bool meets(const std::vector<PortLink>& asked, const PortLink& there);

/// What a preset's links are port by port, and what is left of each text when some are cut.
class LinkCutter {
public:
    /// `preset` outlives it.
    explicit LinkCutter(const Preset& preset);

    /// The links that two ends as they stand in a preset mean. Errors: such as an end that there is not.
    [[nodiscard]] Expected<std::vector<PortLink>> meant(const PortLink& link);
    /// True where the preset has this link, or one with the same external of which it does not name the port.
    [[nodiscard]] bool has(const PortLink& link) const;

    /// The texts that an item of the list of links is to become, without the cut ones: itself where none is cut. Errors: where what is left cannot
    /// be named.
    [[nodiscard]] Expected<std::vector<std::string>> without(const std::vector<PortLink>& cut, const YamlNode& item);
    /// Links port by port, what is there already left out, as texts that pair whole groups where they can.
    [[nodiscard]] std::vector<std::string> texts_of(const std::vector<PortLink>& links) const;

private:
    /// One end of a link, found.
    struct End {
        std::string name;           ///< of the node or external
        const PortGroup* group = nullptr;   ///< nothing: an external
        std::size_t channel = 0;
        std::string whole;          ///< how the whole group is written
    };
    /// Mark of the first end, and the names of both nodes or externals.
    using Key = std::tuple<Mark, std::string, std::string>;

    [[nodiscard]] End find_end(const std::string& text, bool output) const;
    [[nodiscard]] bool is_whole(const std::vector<PortLink>& links, const End& from, const End& to) const;
    [[nodiscard]] Expected<std::vector<std::string>> explicit_rest(const std::vector<PortLink>& links, const std::vector<PortLink>& cut) const;

    const Preset& preset_;
    Preset scratch_;                             ///< the same nodes and externals, to find out what a link would be
    std::vector<PortLink> links_;
    std::map<Key, std::vector<PortLink>> said_;  ///< which links each place of the text means
};

}  // namespace stemwire::preset
