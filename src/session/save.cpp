// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/save.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>

#include "session/parameters.hpp"

namespace stemwire::session {

namespace {

using preset::Changes;
using preset::PortLink;

std::string text_of(const PortLink& link)
{
    return link.from + " -> " + link.to;
}

/// Tells ports as a preset does from ports as a server does.
class PortNames {
public:
    PortNames(const Instance& instance, const HostedGraph& hosted, const host::LiveHost& host, const std::string& session)
        : preset_(instance.preset()), hosted_(hosted), host_(host), session_(session)
    {
    }

    /// The end of a link as the preset writes it; a program without a name gets one.
    std::string in_preset(const std::string& port, bool is_input)
    {
        if (const auto own = own_port(port, is_input)) return *own;
        // What is absent goes by the external's name already.
        if (std::ranges::find(preset_.externals, port, &preset::ExternalModel::name) != preset_.externals.end()) return port;
        const std::size_t colon = port.rfind(':');
        if (colon == std::string::npos) return port;
        const auto external = host_.external_of(port, is_input);
        return (external ? *external : name_for(port.substr(0, colon))) + port.substr(colon);
    }

    [[nodiscard]] std::vector<Changes::External> take_new() { return std::move(new_); }

private:
    /// `band.mix:main_FL`, or `band:mix/main_FL` where one client has all nodes.
    [[nodiscard]] std::optional<std::string> own_port(const std::string& port, bool is_input) const
    {
        for (const HostedUnit& unit : hosted_.units)
            for (const std::string& prefix : {session_ + "." + unit.name + ":", session_ + ":" + unit.name + "/"})
                if (port.starts_with(prefix)) return member_port(unit, port.substr(prefix.size()), is_input);
        for (const preset::NodeModel& node : preset_.nodes)
            if (const std::string prefix = session_ + "." + node.name + ":"; port.starts_with(prefix)) return node.name + ":" + port.substr(prefix.size());
        return std::nullopt;
    }

    /// A fused group shows `mix_main_FL` for `mix:main_FL`.
    [[nodiscard]] std::string member_port(const HostedUnit& unit, const std::string& shown, bool is_input) const
    {
        if (preset_.nodes[unit.members.front()].name == unit.name) return unit.name + ":" + shown;
        for (const std::uint32_t member : unit.members) {
            const preset::NodeModel& node = preset_.nodes[member];
            for (const std::string& name : port_names(is_input ? node.ports.inputs : node.ports.outputs))
                if (shown == node.name + "_" + name) return node.name + ":" + name;
        }
        return unit.name + ":" + shown;
    }

    std::string name_for(const std::string& node)
    {
        const auto known = std::ranges::find(new_, node, &Changes::External::node);
        if (known != new_.end()) return known->name;
        std::string base;
        for (const char letter : node)
            if (std::isalnum(static_cast<unsigned char>(letter)) != 0) base += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
            else if (!base.empty() && base.back() != '-') base += '-';
        while (base.ends_with('-')) base.pop_back();
        if (base.empty() || std::isalpha(static_cast<unsigned char>(base.front())) == 0) base.insert(0, base.empty() ? "program" : "program-");
        std::string name = base;
        for (int number = 2; is_taken(name); ++number) name = base + "-" + std::to_string(number);
        new_.push_back({name, node});
        return name;
    }

    [[nodiscard]] bool is_taken(const std::string& name) const
    {
        return std::ranges::find(preset_.nodes, name, &preset::NodeModel::name) != preset_.nodes.end() ||
               std::ranges::find(preset_.externals, name, &preset::ExternalModel::name) != preset_.externals.end() ||
               std::ranges::find(new_, name, &Changes::External::name) != new_.end();
    }

    const preset::Preset& preset_;
    const HostedGraph& hosted_;
    const host::LiveHost& host_;
    const std::string& session_;
    std::vector<Changes::External> new_;
};

void compare_numbers(const Instance& instance, Unsaved& unsaved)
{
    for (const preset::NodeModel& node : instance.preset().nodes) {
        if (node.added) continue;
        const LiveParameters said(node.settings);
        for (const LiveValue& value : said.all()) {
            const std::string address = node.name + "." + value.address();
            const auto now = get_parameter(instance, address);
            if (!now || now->value == value.get()) continue;
            unsaved.changes.numbers.push_back({address, now->value});
            unsaved.lines.push_back(address + ": " + preset::format_number(value.parameter(), now->value));
        }
    }
}

void compare_loop(const Instance& instance, std::optional<std::pair<double, double>> loop, Unsaved& unsaved)
{
    if (loop == instance.preset().transport.loop_seconds) return;
    unsaved.changes.loop_seconds.emplace(loop);
    const Parameter row{.name = "loop", .kind = Kind::time_range, .description = ""};
    unsaved.lines.push_back(loop ? "loop: " + preset::format_number(row, loop->first) + " to " + preset::format_number(row, loop->second) : "loop: none");
}

/// Whether a port belongs to a node that stands in no file.
bool is_added(const std::string& port, const preset::Preset& preset)
{
    return std::ranges::any_of(preset.nodes, [&](const preset::NodeModel& node) { return node.added && port.starts_with(node.name + ":"); });
}

void compare_links(PortNames& names, const host::LiveHost& host, const preset::Preset& preset, Unsaved& unsaved)
{
    const std::vector<PortLink> said = preset::port_links(preset);
    for (const host::LinkStatus& link : host.links()) {
        if (link.state != host::LinkState::cut && link.state != host::LinkState::drawn) continue;
        const bool cut = link.state == host::LinkState::cut;
        PortLink named{names.in_preset(link.from, false), names.in_preset(link.to, true)};
        if (is_added(named.from, preset) || is_added(named.to, preset)) {
            unsaved.lines.push_back((cut ? "cut: " : "drawn: ") + text_of(named) + " (not saved: the preset has this node by its key 'loudness' only)");
            continue;
        }
        if (!cut && std::ranges::find(said, named) != said.end()) continue;
        unsaved.lines.push_back((cut ? "cut: " : "drawn: ") + text_of(named));
        (cut ? unsaved.changes.links_removed : unsaved.changes.links_added).push_back(std::move(named));
    }
}

Expected<std::string> read_text(const std::string& path)
{
    std::ifstream stream(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) return failure("cannot read " + path);
    return text;
}

/// Each number by itself, so that one that the preset refuses does not keep the others out.
Expected<std::string> apply_one_by_one(std::string text, const std::string& path, Changes changes, std::vector<std::string>& lines)
{
    const auto numbers = std::exchange(changes.numbers, {});
    auto patched = preset::apply(text, path, changes);
    if (!patched) return patched;
    text = std::move(*patched);
    for (const Changes::Number& number : numbers) {
        auto next = preset::apply(text, path, {.numbers = {number}});
        if (next) text = std::move(*next);
        else std::ranges::find_if(lines, [&](const std::string& line) { return line.starts_with(number.address + ": "); })->append(" (not saved: " + next.error().message + ")");
    }
    return text;
}

}  // namespace

Unsaved unsaved(const Instance& instance, const HostedGraph& hosted, const host::LiveHost& host, const std::string& session, std::optional<std::pair<double, double>> loop_seconds)
{
    Unsaved unsaved;
    compare_numbers(instance, unsaved);
    compare_loop(instance, loop_seconds, unsaved);
    PortNames names(instance, hosted, host, session);
    compare_links(names, host, instance.preset(), unsaved);
    unsaved.changes.externals_added = names.take_new();
    for (const Changes::External& external : unsaved.changes.externals_added) unsaved.lines.push_back("external: " + external.name + " is " + external.node);
    return unsaved;
}

Expected<std::vector<std::string>> save_changes(const std::string& path, const Unsaved& unsaved)
{
    std::vector<std::string> lines = unsaved.lines;
    if (lines.empty()) return lines;
    auto text = read_text(path);
    if (!text) return tl::unexpected(text.error());
    auto patched = preset::apply(*text, path, unsaved.changes);
    if (!patched) patched = apply_one_by_one(*text, path, unsaved.changes, lines);
    if (!patched) return tl::unexpected(patched.error());
    if (*patched != *text)
        if (auto written = preset::replace_file(path, *patched); !written) return tl::unexpected(written.error());
    return lines;
}

}  // namespace stemwire::session
