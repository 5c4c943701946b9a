// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <optional>

#include "preset/link_reader.hpp"

namespace stemwire::preset {

namespace {

using What = EndpointText::What;
using Incoming = std::vector<const LinkText*>;   ///< the links into one node

/// What the links say of one node before its ports are fixed.
class Hints final : public PortHints {
public:
    /// `default_input`: the group that a link means which names the node alone.
    Hints(const Preset& preset, const Incoming& links, std::string default_input)
        : preset_(preset), links_(links), default_input_(std::move(default_input))
    {
    }

    std::optional<ChannelLayout> linked(std::string_view group) const override
    {
        std::optional<ChannelLayout> found;
        for (const LinkText* link : links_) {
            if (named(link->to.port) != named(group)) continue;
            const auto layout = layout_of(link->from);
            if (found || !layout) return std::nullopt;
            found = layout;
        }
        return found;
    }

private:
    [[nodiscard]] std::string_view named(std::string_view group) const { return group.empty() ? default_input_ : group; }

    [[nodiscard]] std::optional<ChannelLayout> layout_of(const EndpointText& from) const
    {
        // A device is stereo until it is there.
        if (from.what == What::external) return from.port.empty() ? ChannelLayout::stereo() : ChannelLayout::mono();
        if (from.what == What::unknown) return std::nullopt;
        const auto& outputs = preset_.nodes[from.index].ports.outputs;
        if (outputs.empty()) return std::nullopt;
        if (from.port.empty()) return outputs.front().layout;
        const auto group = std::ranges::find(outputs, from.port, &PortGroup::name);
        return group == outputs.end() ? ChannelLayout::mono() : group->layout;
    }

    const Preset& preset_;
    const Incoming& links_;
    std::string default_input_;
};

/// Fixes ports node by node, each after those that are linked to it; where they go round in a loop, somebody has to begin.
class PortResolver {
public:
    PortResolver(Preset& preset, const std::vector<LinkText>& links, std::vector<bool>& wrong, Report& report)
        : preset_(preset),
          wrong_(wrong),
          report_(report),
          incoming_(preset.nodes.size()),
          looked_at_(preset.nodes.size(), 0),
          begun_(preset.nodes.size(), false)
    {
        for (const LinkText& link : links)
            if (link.to.what == What::node) incoming_[link.to.index].push_back(&link);
    }

    void resolve_all()
    {
        for (std::uint32_t node = 0; node < preset_.nodes.size(); ++node)
            if (!begun_[node]) resolve(node);
    }

private:
    void resolve(std::uint32_t first)
    {
        // By hand rather than by recursion: a chain may have thousands of nodes.
        std::vector<std::uint32_t> open{first};
        begun_[first] = true;
        while (!open.empty()) {
            if (const auto source = next_source(open.back())) {
                open.push_back(*source);
                begun_[*source] = true;
                continue;
            }
            if (!wrong_[open.back()]) fix(open.back());
            open.pop_back();
        }
    }

    std::optional<std::uint32_t> next_source(std::uint32_t node)
    {
        while (looked_at_[node] < incoming_[node].size()) {
            const EndpointText& from = incoming_[node][looked_at_[node]++]->from;
            if (from.what == What::node && !begun_[from.index]) return from.index;
        }
        return std::nullopt;
    }

    void fix(std::uint32_t index)
    {
        NodeModel& node = preset_.nodes[index];
        const Incoming& links = incoming_[index];
        Errors errors;
        node.ports = node.type->ports(node.settings, Hints(preset_, links, "input"), errors);
        const bool has_bare_link = std::ranges::any_of(links, [](const LinkText* link) { return link->to.port.empty(); });
        if (has_bare_link && node.ports.inputs.size() == 1 && node.ports.inputs[0].name != "input") {
            // Only now is it known which group the node's name alone means.
            errors.clear();
            node.ports = node.type->ports(node.settings, Hints(preset_, links, node.ports.inputs[0].name), errors);
        }
        wrong_[index] = !errors.empty();
        for (Error& error : errors) {
            if (error.mark.line == 0) error.mark = node.mark;
            report_.add(std::move(error));
        }
    }

    Preset& preset_;
    std::vector<bool>& wrong_;
    Report& report_;
    std::vector<Incoming> incoming_;         ///< [node]
    std::vector<std::size_t> looked_at_;     ///< [node]: how many of its incoming links have been followed
    std::vector<bool> begun_;                ///< [node]
};

}  // namespace

void resolve_ports(Preset& preset, const std::vector<LinkText>& links, std::vector<bool>& wrong, Report& report)
{
    PortResolver(preset, links, wrong, report).resolve_all();
}

}  // namespace stemwire::preset
