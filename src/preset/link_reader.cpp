// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/link_reader.hpp"

#include <algorithm>

namespace stemwire::preset {

namespace {

constexpr std::string_view arrow = "->";

EndpointText read_endpoint(std::string_view text, Mark mark)
{
    const auto first = text.find_first_not_of(" \t\n");
    if (first == std::string_view::npos) return {"", "", mark};
    mark.column += static_cast<int>(first);
    text = text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return {std::string(text), "", mark};
    return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1)), mark};
}

/// The endpoints of `A -> B -> C`, each where it stands.
std::vector<EndpointText> read_chain(const YamlNode& item)
{
    std::vector<EndpointText> chain;
    const std::string_view text = item.scalar;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t end = std::min(text.find(arrow, from), text.size());
        const int columns = item.plain && item.mark.line > 0 ? static_cast<int>(from) : 0;
        chain.push_back(read_endpoint(text.substr(from, end - from), {item.mark.line, item.mark.column + columns}));
        from = end + arrow.size();
    }
    return chain;
}

/// What the links say of one node before its ports are fixed.
class Hints : public PortHints {
public:
    Hints(const Preset& preset, const std::vector<LinkText>& links, const std::string& node) : preset_(preset), links_(links), node_(node) {}

    std::optional<ChannelLayout> linked(std::string_view group) const override
    {
        std::optional<ChannelLayout> found;
        for (const LinkText& link : links_) {
            if (link.to.name != node_ || default_group(link.to.port) != default_group(group)) continue;
            const auto layout = layout_of(link.from);
            if (found || !layout) return std::nullopt;
            found = layout;
        }
        return found;
    }

private:
    static std::string_view default_group(std::string_view group) { return group.empty() ? "input" : group; }

    std::optional<ChannelLayout> layout_of(const EndpointText& from) const
    {
        const auto node = std::ranges::find(preset_.nodes, from.name, &NodeModel::name);
        if (node == preset_.nodes.end()) return ChannelLayout::stereo();  // an external: a device is stereo until it is there
        const auto& outputs = node->ports.outputs;
        if (outputs.empty()) return std::nullopt;
        if (from.port.empty()) return outputs.front().layout;
        const auto group = std::ranges::find(outputs, from.port, &PortGroup::name);
        return group == outputs.end() ? ChannelLayout::mono() : group->layout;
    }

    const Preset& preset_;
    const std::vector<LinkText>& links_;
    const std::string& node_;
};

/// Fixes ports node by node, each after those that are linked to it.
class PortResolver {
public:
    PortResolver(Preset& preset, const std::vector<LinkText>& links, const std::vector<bool>& wrong, Report& report)
        : preset_(preset), links_(links), wrong_(wrong), report_(report), visited_(preset.nodes.size(), false)
    {
    }

    void resolve_all()
    {
        for (std::size_t node = 0; node < preset_.nodes.size(); ++node) resolve(node);
    }

private:
    void resolve(std::size_t first)
    {
        // By hand rather than by recursion: a chain may have thousands of nodes.
        std::vector<std::size_t> open{first};
        while (!open.empty()) {
            const std::size_t node = open.back();
            const auto source = visited_[node] ? preset_.nodes.size() : unvisited_source(node);
            if (!visited_[node] && source < preset_.nodes.size() && open.size() <= preset_.nodes.size() && std::ranges::find(open, source) == open.end()) {
                open.push_back(source);
                continue;
            }
            open.pop_back();
            if (!visited_[node]) fix(node);
        }
    }

    [[nodiscard]] std::size_t unvisited_source(std::size_t node) const
    {
        for (const LinkText& link : links_) {
            if (link.to.name != preset_.nodes[node].name) continue;
            const auto source = std::ranges::find(preset_.nodes, link.from.name, &NodeModel::name);
            const auto index = static_cast<std::size_t>(source - preset_.nodes.begin());
            if (index < preset_.nodes.size() && !visited_[index] && index != node) return index;
        }
        return preset_.nodes.size();
    }

    void fix(std::size_t index)
    {
        visited_[index] = true;
        if (wrong_[index]) return;
        NodeModel& node = preset_.nodes[index];
        Errors errors;
        node.ports = node.type->ports(node.settings, Hints(preset_, links_, node.name), errors);
        for (Error& error : errors) {
            if (error.mark.line == 0) error.mark = node.mark;
            report_.errors.push_back(std::move(error));
        }
    }

    Preset& preset_;
    const std::vector<LinkText>& links_;
    const std::vector<bool>& wrong_;
    Report& report_;
    std::vector<bool> visited_;
};

}  // namespace

std::vector<LinkText> read_links(const YamlNode& list, Report& report)
{
    std::vector<LinkText> links;
    if (list.what == YamlNode::What::null) return links;
    if (list.what != YamlNode::What::list) {
        report.error(list.mark, "links must be a list of links, such as [ drums -> mix:drums ]");
        return links;
    }
    for (const YamlNode& item : list.items) {
        if (item.what != YamlNode::What::scalar) {
            report.error(item.mark, "a link is written 'A -> B', not as " + describe(item));
            continue;
        }
        const auto chain = read_chain(item);
        const bool empty = std::ranges::any_of(chain, [](const EndpointText& end) { return end.name.empty(); });
        if (chain.size() < 2 || empty) report.error(item.mark, "'" + item.scalar + "' is no link (write 'A -> B', or 'A -> B -> C')");
        else
            for (std::size_t i = 1; i < chain.size(); ++i) links.push_back({chain[i - 1], chain[i]});
    }
    return links;
}

void resolve_ports(Preset& preset, const std::vector<LinkText>& links, const std::vector<bool>& wrong, Report& report)
{
    PortResolver(preset, links, wrong, report).resolve_all();
}

}  // namespace stemwire::preset
