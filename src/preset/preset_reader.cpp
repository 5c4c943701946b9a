// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/preset_reader.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "preset/common_rows.hpp"
#include "preset/external_reader.hpp"
#include "preset/link_reader.hpp"
#include "preset/loudness_nodes.hpp"
#include "preset/settings_reader.hpp"

namespace stemwire::preset {

namespace {

constexpr double format_version = 1.0;
constexpr double default_rate_hz = 48000.0;

constexpr std::array<Parameter, 4> head_rows{{
    {.name = "stemwire", .kind = Kind::integer, .description = "the version of the preset format: 1", .required = true},
    {.name = "name", .kind = Kind::text, .description = "the session's name on the graph"},
    {.name = "rate",
     .kind = Kind::frequency,
     .description = "frames per second",
     .minimum = 8000.0,
     .maximum = 384000.0,
     .fallback = default_rate_hz},
    {.name = "quantum",
     .kind = Kind::integer,
     .description = "frames per cycle",
     .minimum = 16.0,
     .maximum = largest_quantum,
     .fallback = 256.0},
}};

constexpr std::array<std::string_view, 2> transports{"own", "graph"};

constexpr std::array<Parameter, 3> transport_rows{{
    {.name = "loop", .kind = Kind::time_range, .description = "the part of the timeline that is repeated", .minimum = 0.0},
    {.name = "autostart", .kind = Kind::flag, .description = "start as soon as everything is ready; not by default where the graph's transport is followed", .fallback = 1.0},
    {.name = "follow",
     .kind = Kind::choice,
     .description = "whose transport is followed: the session's own, or that of all programs",
     .fallback_text = "own",
     .words = transports},
}};

constexpr std::array<Parameter, 3> loudness_rows{{
    {.name = "target", .kind = Kind::number, .description = "integrated loudness of the song at its first sink", .minimum = -70.0, .maximum = 0.0, .required = true, .unit = "LUFS"},
    {.name = "true_peak", .kind = Kind::gain, .description = "true peak that the gain raises no sink over", .minimum = -60.0, .maximum = 0.0, .fallback = -1.0},
    {.name = "length", .kind = Kind::time, .description = "how much of the timeline is measured, from its beginning; of a song that never ends", .minimum = 0.4, .fallback_text = "all of it"},
}};

constexpr std::array<std::string_view, 2> link_policies{"keep", "enforce"};

/// Of `links` where it is a map; the list itself is read_links' part.
constexpr std::array<Parameter, 1> links_rows{{
    {.name = "policy",
     .kind = Kind::choice,
     .description = "links that others draw or cut are left so, or the preset's are put back",
     .fallback_text = "keep",
     .words = link_policies},
}};

/// The numbers of the files that a record's paths name.
void add_versions(const Settings& settings, std::vector<media::FileVersion>& versions)
{
    for (const Value& value : settings.values()) {
        if (value.parameter->kind == Kind::path && !value.text.empty()) versions.push_back(media::file_version(value.text));
        for (const auto& [name, record] : value.records) add_versions(record, versions);
    }
}

const std::vector<std::string_view> sections{"nodes", "external", "links", "transport", "loudness", "fuse"};

/// Reads one preset; one use.
class PresetReader {
public:
    PresetReader(YamlNode root, const std::string& path, Report& report) : root_(std::move(root)), report_(report)
    {
        preset_.path = path;
        std::error_code no_working_folder;
        preset_.folder = std::filesystem::absolute(path, no_working_folder).parent_path().lexically_normal().string();
    }

    Preset read()
    {
        read_head();
        read_transport();
        read_loudness();
        const bool externals_known = read_externals();
        const bool nodes_known = read_nodes();
        read_fuse();
        auto links = read_links(link_list(), report_);
        find_names(links, preset_);
        resolve_ports(preset_, links, wrong_, report_);
        for (const NodeModel& node : preset_.nodes) preset_.graph.nodes.push_back(graph_node(node));
        preset_.graph.externals = static_cast<std::uint32_t>(preset_.externals.size());
        if (externals_known && nodes_known) resolve_links(preset_, links, wrong_, report_);
        if (report_.error_count() > 0) return {};
        if (preset_.loudness && !add_loudness_nodes(preset_)) report_.error(preset_.loudness->mark, "loudness needs a sink that something is linked to (links: [ mix -> speakers ])");
        if (report_.error_count() > 0) return {};
        graph::mark_feedback(preset_.graph);
        warn_of_unlinked(links);
        return std::move(preset_);
    }

private:
    [[nodiscard]] const YamlNode& section(std::string_view name) const
    {
        static const YamlNode nothing;
        const YamlEntry* entry = root_.find(name);
        return entry == nullptr ? nothing : entry->value;
    }

    [[nodiscard]] SettingsReader reader() const { return {report_, preset_.folder, preset_.rate_hz.value_or(default_rate_hz)}; }

    void read_head()
    {
        const Settings head = reader().read(head_rows, root_, "the preset", {}, sections);
        if (head.given("stemwire") && head.number("stemwire") != format_version)
            report_.error(head["stemwire"].mark,
                          "this stemwire reads presets of format 1, not " + format_number(head_rows[0], head.number("stemwire")));
        if (head.given("rate")) preset_.rate_hz = head.number("rate");
        if (head.given("quantum")) preset_.quantum = static_cast<std::uint32_t>(head.number("quantum"));
        preset_.name = head.given("name") ? head.text("name") : std::filesystem::path(preset_.path).stem().string();
        const auto breaks_a_file_name = [](char letter) { return letter == '/' || static_cast<unsigned char>(letter) < 0x20; };
        if (preset_.name.empty() || std::ranges::any_of(preset_.name, breaks_a_file_name))
            report_.error(head["name"].mark,
                          "'" + preset_.name + "' is no name for a session (it must not be empty, nor have a '/' in it)");
    }

    void read_transport()
    {
        const Settings transport = reader().read(transport_rows, section("transport"), "transport");
        if (const auto& loop = transport["loop"].numbers; !loop.empty()) preset_.transport.loop_seconds = {loop[0], loop[1]};
        if (transport.text("follow") == "graph") preset_.transport.follow = TransportFollow::graph;
        // To start what all programs share is never what nobody asked for.
        preset_.transport.autostart = transport.given("autostart") ? transport.flag("autostart") : preset_.transport.follow == TransportFollow::own;
    }

    void read_loudness()
    {
        const YamlEntry* entry = root_.find("loudness");
        if (entry == nullptr || entry->value.what == YamlNode::What::null) return;
        const Settings loudness = reader().read(loudness_rows, entry->value, "loudness");
        preset_.loudness = LoudnessModel{.target_lufs = loudness.number("target"), .true_peak_db = loudness.number("true_peak"), .mark = entry->mark};
        if (loudness.given("length")) preset_.loudness->length_seconds = loudness.number("length");
    }

    /// `links` is a list, or a map of a policy and a list.
    const YamlNode& link_list()
    {
        static const YamlNode nothing;
        const YamlNode& links = section("links");
        if (links.what != YamlNode::What::map) return links;
        const Settings settings = reader().read(links_rows, links, "links", {}, {"list"});
        if (settings.text("policy") == "enforce") preset_.link_policy = LinkPolicy::enforce;
        const YamlEntry* list = links.find("list");
        return list == nullptr ? nothing : list->value;
    }

    void check_name(const YamlEntry& entry)
    {
        if (const std::string wrong = wrong_name(entry.key); !wrong.empty()) report_.error(entry.mark, wrong);
    }

    /// False where nobody can say which externals there are.
    bool read_externals()
    {
        const YamlNode& externals = section("external");
        if (!report_.is_map(externals, "external")) return false;
        for (const YamlEntry& entry : externals.entries) {
            check_name(entry);
            preset_.externals.push_back(read_external(entry, reader(), report_));
        }
        return true;
    }

    /// False where nobody can say which nodes there are.
    bool read_nodes()
    {
        const YamlEntry* entry = root_.find("nodes");
        if (entry == nullptr || entry->value.what == YamlNode::What::null) {
            report_.error(entry == nullptr ? root_.mark : entry->mark,
                          "a preset needs nodes (nodes: { drums: { type: track, file: drums.flac } })");
            return false;
        }
        if (!report_.is_map(entry->value, "nodes")) return false;
        for (const YamlEntry& node : entry->value.entries) read_node(node);
        return true;
    }

    void read_node(const YamlEntry& entry)
    {
        check_name(entry);
        const std::size_t before = report_.error_count();
        if (const auto twin = std::ranges::find(preset_.externals, entry.key, &ExternalModel::name); twin != preset_.externals.end())
            report_.error(entry.mark, "'" + entry.key + "' is the name of an external too (line " + std::to_string(twin->mark.line) + ")");
        NodeModel& node = preset_.nodes.emplace_back(
            NodeModel{.name = entry.key, .type = nullptr, .settings = {}, .ports = {}, .mark = entry.mark});
        node.type = read_type(entry);
        read_common(entry, node);
        if (node.type != nullptr) node.settings = reader().read(node.type->parameters, entry.value, "nodes." + entry.key, {}, common_keys());
        // A file that is not there must not be opened again, nor a second thing be said of the same mistake.
        if (report_.error_count() == before && node.type->check != nullptr) check(node);
        if (report_.error_count() == before && node.type->complete != nullptr) node.settings = node.type->complete(std::move(node.settings));
        wrong_.push_back(report_.error_count() != before);
        if (!wrong_.back()) add_versions(node.settings, node.files);
    }

    void read_common(const YamlEntry& entry, NodeModel& node)
    {
        YamlNode common;
        common.mark = entry.value.mark;
        for (const Parameter& row : common_rows())
            if (const YamlEntry* given = entry.value.find(row.name)) common.entries.push_back(*given);
        node.isolate = reader().read(common_rows(), common, "nodes." + entry.key).flag("isolate");
    }

    void check(const NodeModel& node)
    {
        Errors errors;
        node.type->check(node.settings, errors);
        for (Error& error : errors) {
            if (error.mark.line == 0) error.mark = node.mark;
            report_.add(std::move(error));
        }
    }

    const NodeType* read_type(const YamlEntry& entry)
    {
        std::vector<std::string_view> known;
        for (const NodeType* type : node_types()) known.push_back(type->name);
        if (!report_.is_map(entry.value, "nodes." + entry.key)) return nullptr;
        const YamlEntry* type = entry.value.find("type");
        if (type == nullptr) {
            report_.error(entry.mark, "nodes." + entry.key + " lacks 'type' (one of " + list_of(known) + ")");
            return nullptr;
        }
        const NodeType* found = find_node_type(type->value.scalar);
        if (found == nullptr) report_.unknown(type->value.mark, "node type", type->value.scalar, "nodes." + entry.key, known);
        return found;
    }

    void read_fuse()
    {
        const YamlNode& groups = section("fuse");
        if (!report_.is_map(groups, "fuse")) return;
        for (const YamlEntry& entry : groups.entries) {
            check_name(entry);
            if (std::ranges::find(preset_.nodes, entry.key, &NodeModel::name) != preset_.nodes.end())
                report_.error(entry.mark, "fuse: '" + entry.key + "' is the name of a node too");
            if (entry.value.items.empty())
                report_.error(entry.value.mark,
                              "fuse." + entry.key + " must be a list of nodes, such as [mix, hall], not " + describe(entry.value));
            FuseModel& group = preset_.fused.emplace_back(FuseModel{entry.key, {}, entry.mark});
            for (const YamlNode& item : entry.value.items) read_fused_node(item, group);
        }
    }

    void read_fused_node(const YamlNode& item, FuseModel& group)
    {
        std::vector<std::string_view> known;
        for (const NodeModel& node : preset_.nodes) known.push_back(node.name);
        const auto node = std::ranges::find(known, item.scalar);
        if (node == known.end()) return report_.unknown(item.mark, "node", item.scalar, "fuse." + group.name, known);
        const auto index = static_cast<std::uint32_t>(node - known.begin());
        for (const FuseModel& other : preset_.fused)
            if (std::ranges::find(other.nodes, index) != other.nodes.end())
                report_.error(item.mark, "'" + item.scalar + "' is in " + other.name + " already: a node is fused once");
        if (preset_.nodes[index].isolate)
            report_.error(item.mark, "'" + item.scalar + "' has a process of its own (isolate: true): it cannot be fused with others");
        group.nodes.push_back(index);
    }

    void warn_of_unlinked(const std::vector<LinkText>& links)
    {
        std::vector<bool> nodes(preset_.nodes.size(), false);
        std::vector<bool> externals(preset_.externals.size(), false);
        for (const LinkText& link : links)
            for (const EndpointText* end : {&link.from, &link.to})
                (end->what == EndpointText::What::node ? nodes : externals)[end->index] = true;
        for (std::size_t index = 0; index < nodes.size(); ++index)
            if (!nodes[index] && !preset_.nodes[index].added) report_.warning(preset_.nodes[index].mark, "no link leads to or from '" + preset_.nodes[index].name + "'");
        for (std::size_t index = 0; index < externals.size(); ++index)
            if (!externals[index])
                report_.warning(preset_.externals[index].mark, "no link leads to or from '" + preset_.externals[index].name + "'");
    }

    YamlNode root_;
    Report& report_;
    Preset preset_;
    std::vector<bool> wrong_;   ///< [node]: its own settings have errors
};

}  // namespace

Preset read_preset(YamlNode root, const std::string& path, Report& report)
{
    return PresetReader(std::move(root), path, report).read();
}

}  // namespace stemwire::preset
