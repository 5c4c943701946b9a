// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/difference.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "tests/preset/load.hpp"
#include "tests/preset/random_preset.hpp"

namespace stemwire::preset {
namespace {

namespace fs = std::filesystem;

std::string text_of(double value)
{
    return std::isinf(value) ? "off" : std::to_string(value).substr(0, std::to_string(value).find('.') + 2);
}

/// A difference as a person would say it, in the order of its members.
std::vector<std::string> said(const Difference& difference)
{
    std::vector<std::string> lines;
    for (const NodeChange& node : difference.nodes) {
        if (!node.old) lines.push_back("add " + node.name);
        if (node.rebuild) lines.push_back("rebuild " + node.name);
        for (const LiveChange& live : node.live) lines.push_back(node.name + "." + live.address + " = " + text_of(live.value));
    }
    for (const std::string& name : difference.removed) lines.push_back("remove " + name);
    for (const ExternalModel& external : difference.externals_added) lines.push_back("add external " + external.name);
    for (const std::string& name : difference.externals_removed) lines.push_back("remove external " + name);
    for (const PortLink& link : difference.links_added) lines.push_back("link " + link.from + " -> " + link.to);
    for (const PortLink& link : difference.links_removed) lines.push_back("unlink " + link.from + " -> " + link.to);
    for (const PortLink& link : difference.late.value_or(std::vector<PortLink>())) lines.push_back("late " + link.from + " -> " + link.to);
    for (const FuseGroup& group : difference.fuse_added) lines.push_back("fuse " + group.name);
    for (const std::string& name : difference.fuse_removed) lines.push_back("unfuse " + name);
    if (difference.transport) lines.push_back("transport");
    if (difference.policy) lines.push_back("policy");
    for (const std::string& message : difference.messages) lines.push_back(message);
    return lines;
}

const std::string base = R"(stemwire: 1
name: band
nodes:
  tone: { type: generator, level: -6 dB }
  mix: { type: mixer, buses: { main: stereo, send: stereo }, channels: { tone: { gain: -2 dB } } }
  master:
    type: effects
    chain:
      - eq: { bands: [ { type: peak, gain: 1 dB }, { type: peak, gain: 2 dB } ] }
      - gain
      - gain: { gain: 3 dB }
external: { speakers: { sink: default } }
links:
  - tone -> mix:tone
  - mix -> master -> speakers
)";

/// `base` with the first occurrence of one text replaced by another.
std::string edited(const std::string& from, const std::string& to)
{
    std::string yaml = base;
    const auto at = yaml.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? yaml : yaml.replace(at, from.size(), to);
}

struct Edit {
    std::string from;
    std::string to;
    std::vector<std::string> difference;
};

const std::vector<Edit> edits{
    {"    type: effects", "    type: effects   # the last", {}},
    {"level: -6 dB", "level: -7 dB", {"tone.level = -7.0"}},
    {", level: -6 dB", "", {"tone.level = -20.0"}},
    {"level: -6 dB", "level: -6.0", {}},
    {"level: -6 dB", "level: off, mute: true", {"tone.level = off", "tone.mute = 1.0"}},
    {"gain: -2 dB", "gain: -3 dB, pan: L50", {"mix.tone.gain = -3.0", "mix.tone.pan = -0.5"}},
    {"gain: -2 dB", "gain: -2 dB, to: { send: -9 dB, main: 0 dB }", {"mix.tone.to.send = -9.0"}},
    {"gain: 2 dB }", "gain: 2.5 dB }", {"master.eq.bands.2.gain = 2.5"}},
    {"gain: 3 dB", "gain: 4 dB", {"master.gain-2.gain = 4.0"}},
    {"      - gain\n", "", {"rebuild master"}},
    {"gain: 1 dB }, ", "gain: 1 dB }, { type: notch }, ", {"rebuild master"}},
    {"{ type: peak, gain: 1", "{ type: lowshelf, gain: 1", {"rebuild master"}},
    {"level: -6 dB", "level: -6 dB, signal: white", {"rebuild tone"}},
    {"level: -6 dB", "level: -6 dB, isolate: true", {"rebuild tone"}},
    {"{ tone: { gain: -2 dB } }", "{ tone: { gain: -2 dB }, new: {} }", {"rebuild mix"}},
    {"  tone: { type: generator, level: -6 dB }\n", "  tone: { type: generator, level: -6 dB }\n  more: { type: generator }\n", {"add more"}},
    {"tone: { type: generator, level: -6 dB }", "tone: { type: effects, channels: mono, chain: [ gain ] }",
     {"add tone", "remove tone"}},
    {"speakers: { sink: default }", "speakers: { node: \"usb*\" }", {"add external speakers", "remove external speakers"}},
    {"master -> speakers", "master", {"unlink master:output_FL -> speakers", "unlink master:output_FR -> speakers"}},
    {"  - mix -> master", "  - mix:send -> master\n  - mix -> master",
     {"link mix:send_FL -> master:input_FL", "link mix:send_FR -> master:input_FR"}},
    {"mix -> master ->", "mix:main_FL -> master:input_FR\n  - mix -> master ->", {"link mix:main_FL -> master:input_FR"}},
    {"links:\n", "fuse: { stage: [ mix, master ] }\nlinks:\n", {"fuse stage"}},
    {"links:\n", "transport: { loop: [8 s, 24 s] }\nlinks:\n", {"transport"}},
    {"links:\n", "transport: { follow: graph }\nlinks:\n", {"transport"}},
    {"links:\n", "transport: { autostart: true }\nlinks:\n", {}},
    {"links:\n", "links:\n policy: enforce\n list:\n", {"policy"}},
    {"name: band", "name: trio", {"name cannot change while it plays; it will at the next start"}},
    {"name: band", "name: band\nrate: 48000\nquantum: 128",
     {"rate cannot change while it plays; it will at the next start", "quantum cannot change while it plays; it will at the next start"}},
};

TEST(Difference, of_each_edit_is_what_it_changed_and_nothing_else)
{
    for (const Edit& edit : edits)
        EXPECT_EQ(said(difference(good(base), good(edited(edit.from, edit.to)))), edit.difference) << edit.from << " => " << edit.to;
}

TEST(Difference, knows_a_renamed_node_as_another_one)
{
    std::string yaml = base;
    for (auto at = yaml.find("master"); at != std::string::npos; at = yaml.find("master")) yaml.replace(at, 6, "final");
    EXPECT_EQ(said(difference(good(base), good(yaml))),
              (std::vector<std::string>{"add final", "remove master", "link mix:main_FL -> final:input_FL", "link mix:main_FR -> final:input_FR",
                                        "link final:output_FL -> speakers", "link final:output_FR -> speakers",
                                        "unlink mix:main_FL -> master:input_FL", "unlink mix:main_FR -> master:input_FR",
                                        "unlink master:output_FL -> speakers", "unlink master:output_FR -> speakers"}));
}

TEST(Difference, says_which_links_are_late_when_their_order_turns)
{
    const std::string nodes = head + "nodes: { a: { type: effects, channels: mono, chain: [ gain ] }, b: { type: effects, channels: mono, chain: [ gain ] } }\n";
    EXPECT_EQ(said(difference(good(nodes + "links: [ a -> b, b -> a ]"), good(nodes + "links: [ b -> a, a -> b ]"))),
              (std::vector<std::string>{"late a:output_MONO -> b:input_MONO"}));
}

TEST(Difference, does_not_depend_on_the_order_of_links)
{
    std::string nodes = head + "nodes:\n";
    for (const char* name : {"a", "b", "c", "d"}) nodes += std::string("  ") + name + ": { type: effects, channels: mono, chain: [ gain ] }\n";
    const Preset from = good(nodes + "links: [ a -> b, b -> a, c -> d, d -> c ]");
    EXPECT_TRUE(difference(from, good(nodes + "links: [ c -> d, d -> c, a -> b, b -> a ]")).empty());
}

TEST(Difference, does_not_depend_on_the_order_of_nodes)
{
    const std::string tone = "  tone: { type: generator, level: -6 dB }\n";
    std::string yaml = edited(tone, "");
    yaml.insert(yaml.find("external:"), tone);
    const Difference moved = difference(good(base), good(yaml));
    EXPECT_TRUE(moved.empty());
    EXPECT_EQ(moved.nodes[2].old, std::optional<std::uint32_t>(0));
}

TEST(Difference, sees_that_a_file_is_not_what_it_was)
{
    const fs::path folder = fs::temp_directory_path() / ("stemwire-difference-" + std::to_string(getpid()));
    fs::create_directories(folder);
    const fs::path tone = fs::path(std::getenv("STEMWIRE_BROKEN_PRESETS")) / "tone.wav";
    fs::copy_file(tone, folder / "tone.wav", fs::copy_options::overwrite_existing);
    const std::string yaml = head + "nodes: { tape: { type: track, file: " + (folder / "tone.wav").string() + " } }\nlinks: [ tape -> speakers ]\n";
    const Preset before = good(yaml);
    EXPECT_TRUE(difference(before, good(yaml)).empty());
    fs::last_write_time(folder / "tone.wav", fs::last_write_time(folder / "tone.wav") + std::chrono::seconds(1));
    EXPECT_EQ(said(difference(before, good(yaml))), (std::vector<std::string>{"rebuild tape"}));
    fs::remove_all(folder);
}

/// What plays, as plain data: of each node the settings that it was made with, and its live values.
struct Playing {
    struct Made {
        NodeModel model;
        std::map<std::string, double> live;
    };
    std::map<std::string, Made> nodes;
    std::map<std::string, std::string> externals;
    std::set<PortLink> links;
    std::vector<PortLink> late;
    std::map<std::string, std::vector<std::string>> fused;
};

Playing::Made made(const NodeModel& model)
{
    Playing::Made node{model, {}};
    const LiveParameters values(model.settings);
    for (const LiveValue& value : values.all()) node.live[value.address()] = value.get();
    return node;
}

/// All of a record that cannot change while it plays.
std::string fixed(const Settings& settings)
{
    std::string text = "{" + std::string(settings.unit());
    for (const Value& value : settings.values()) {
        text += " " + std::string(value.parameter->name) + ":" + value.text + to_string(value.layout);
        if (!value.parameter->live) text += std::to_string(value.number);
        for (const auto& [name, layout] : value.layouts) text += name + to_string(layout);
        for (const auto& [name, record] : value.records) text += name + fixed(record);
    }
    return text + "}";
}

std::string text_of(const ExternalModel& external)
{
    return std::to_string(static_cast<int>(external.what)) + external.node_glob + " " + external.port_glob;
}

Playing started(const Preset& preset)
{
    Playing playing;
    for (const NodeModel& node : preset.nodes) playing.nodes.emplace(node.name, made(node));
    for (const ExternalModel& external : preset.externals) playing.externals[external.name] = text_of(external);
    for (const PortLink& link : port_links(preset)) playing.links.insert(link);
    for (const graph::Wire& wire : preset.graph.wires)
        if (wire.feedback)
            playing.late.push_back({preset.nodes[wire.from.node].name + ":" + port_names(preset.nodes[wire.from.node].ports.outputs)[wire.from.port],
                                    preset.nodes[wire.to.node].name + ":" + port_names(preset.nodes[wire.to.node].ports.inputs)[wire.to.port]});
    std::ranges::sort(playing.late);
    for (const FuseModel& group : preset.fused)
        for (const std::uint32_t node : group.nodes) playing.fused[group.name].push_back(preset.nodes[node].name);
    return playing;
}

/// Does to what plays what the difference says, with the new preset's models at hand only for what is new or rebuilt.
void apply(const Difference& difference, const Preset& next, Playing& playing)
{
    for (const std::string& name : difference.removed) EXPECT_EQ(playing.nodes.erase(name), 1u);
    for (std::size_t index = 0; index < difference.nodes.size(); ++index) {
        const NodeChange& change = difference.nodes[index];
        if (change.old && !change.rebuild)
            for (const LiveChange& live : change.live) playing.nodes.at(change.name).live.at(live.address) = live.value;
        else playing.nodes.insert_or_assign(change.name, made(next.nodes[index]));
    }
    for (const std::string& name : difference.externals_removed) EXPECT_EQ(playing.externals.erase(name), 1u);
    for (const ExternalModel& external : difference.externals_added) EXPECT_TRUE(playing.externals.emplace(external.name, text_of(external)).second);
    for (const PortLink& link : difference.links_removed) EXPECT_EQ(playing.links.erase(link), 1u);
    for (const PortLink& link : difference.links_added) EXPECT_TRUE(playing.links.insert(link).second);
    if (difference.late) playing.late = *difference.late;
    for (const std::string& name : difference.fuse_removed) EXPECT_EQ(playing.fused.erase(name), 1u);
    for (const FuseGroup& group : difference.fuse_added) EXPECT_TRUE(playing.fused.emplace(group.name, group.nodes).second);
}

void expect_same(const Playing& playing, const Playing& wanted)
{
    ASSERT_EQ(playing.nodes.size(), wanted.nodes.size());
    for (const auto& [name, node] : wanted.nodes) {
        const auto& other = playing.nodes.at(name);
        EXPECT_EQ(other.live, node.live) << name;
        EXPECT_EQ(other.model.type, node.model.type) << name;
        EXPECT_EQ(other.model.ports, node.model.ports) << name;
        EXPECT_EQ(fixed(other.model.settings), fixed(node.model.settings)) << name;
        EXPECT_EQ(other.model.isolate, node.model.isolate) << name;
    }
    EXPECT_EQ(playing.externals, wanted.externals);
    EXPECT_EQ(playing.links, wanted.links);
    EXPECT_EQ(playing.late, wanted.late);
    EXPECT_EQ(playing.fused, wanted.fused);
}

TEST(Difference, applied_to_one_preset_gives_the_other)
{
    for (unsigned seed = 0; seed < 400; ++seed) {
        const Preset from = good(RandomPreset(2 * seed).text());
        const Preset to = good(RandomPreset(2 * seed + 1).text());
        const Difference change = difference(from, to);
        Playing playing = started(from);
        apply(change, to, playing);
        expect_same(playing, started(to));
        EXPECT_TRUE(difference(to, to).empty());
        EXPECT_EQ(change.transport, from.transport.loop_seconds != to.transport.loop_seconds || from.transport.autostart != to.transport.autostart ||
                                        from.transport.follow != to.transport.follow);
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed << "\n" << RandomPreset(2 * seed).text() << RandomPreset(2 * seed + 1).text();
    }
}

}  // namespace
}  // namespace stemwire::preset
