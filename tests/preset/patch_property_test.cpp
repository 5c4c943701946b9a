// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <sstream>

#include "preset/patch.hpp"
#include "tests/preset/load.hpp"
#include "tests/preset/random_preset.hpp"

namespace stemwire::preset {
namespace {

namespace fs = std::filesystem;

/// A text and the path that its files are relative to.
struct Source {
    std::string text;
    std::string path;
};

std::vector<Source> shipped()
{
    std::vector<Source> sources;
    for (const auto& entry : fs::directory_iterator(fs::path(std::getenv("STEMWIRE_BROKEN_PRESETS")).parent_path())) {
        if (entry.path().extension() != ".yaml") continue;
        std::ifstream stream(entry.path(), std::ios::binary);
        sources.push_back({{std::istreambuf_iterator<char>(stream), {}}, entry.path().string()});
    }
    std::ranges::sort(sources, {}, &Source::path);
    return sources;
}

/// The same preset with everything in blocks that RandomPreset writes in braces on one line would need an emitter: anchors do for the rest.
const std::string anchored = R"(stemwire: 1
name: anchored
nodes:
  low: &tone { type: generator, level: &level -6 dB, frequency: 100 Hz }   # the first
  high: { <<: *tone, frequency: 1 kHz }
  same: *tone
  loud: { type: generator, level: *level }
  mix: { type: mixer, buses: { main: stereo, send: stereo }, channels: { low: &strip { gain: -3 dB, pan: L20 }, high: *strip, more: } }
  master: { type: effects, channels: stereo, chain: &chain [ gain, eq: { bands: [ &band { type: peak, gain: 1 dB }, *band ] }, gain: { gain: -1 } ] }
  other:
    type: effects
    channels: stereo
    chain: *chain
external: { speakers: { sink: default } }
links: [ low -> mix:low, mix -> master -> other -> speakers ]
)";

class RandomChanges {
public:
    RandomChanges(unsigned seed, const Preset& preset) : random_(seed), preset_(preset) {}

    /// Numbers that a preset may give: a highpass band has a gain while it plays, which does nothing, and none in the text.
    Changes numbers(const Source& source)
    {
        Changes changes = numbers();
        std::erase_if(changes.numbers, [&](const Changes::Number& number) {
            const auto alone = apply(source.text, source.path, {.numbers = {number}});
            return !alone && alone.error().message.find("band has no 'gain'") != std::string::npos;
        });
        return changes;
    }

    Changes numbers()
    {
        Changes changes;
        for (const NodeModel& node : preset_.nodes) {
            const LiveParameters live(node.settings);
            for (const LiveValue& value : live.all())
                if (random_() % 4 == 0) changes.numbers.push_back({node.name + "." + value.address(), number(value.parameter())});
        }
        return changes;
    }

    Changes links()
    {
        Changes changes;
        for (const PortLink& link : port_links(preset_))
            if (random_() % 3 == 0) changes.links_removed.push_back(named(link));
        return changes;
    }

    std::optional<std::pair<double, double>> loop()
    {
        if (random_() % 3 == 0) return std::nullopt;
        const double from = static_cast<double>(random_() % 100) / 4.0;
        return std::pair(from, from + 1.0 + static_cast<double>(random_() % 7));
    }

private:
    double number(const Parameter& row)
    {
        if (row.kind == Kind::flag) return static_cast<double>(random_() % 2);
        const double low = std::max(row.minimum, -60.0);
        const double high = std::min(row.maximum, 24.0 + low);
        const double part = static_cast<double>(random_() % 1001) / 1000.0;
        if (row.kind == Kind::integer) return std::round(low + (high - low) * part);
        return row.kind == Kind::gain && random_() % 8 == 0 && !row.named.empty() ? gain_off : low + (high - low) * part;
    }

    /// An external's port as a server would say it, so that the other channels can be told.
    static PortLink named(PortLink link)
    {
        if (link.to.find(':') == std::string::npos) link.to += ":playback" + link.from.substr(link.from.rfind('_'));
        if (link.from.find(':') == std::string::npos) link.from += ":capture" + link.to.substr(link.to.rfind('_'));
        return link;
    }

    std::mt19937 random_;
    const Preset& preset_;
};

std::multiset<std::string> lines_of(const std::string& text)
{
    std::multiset<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.insert(line);
    return lines;
}

/// How many lines of the first text the second one lacks.
std::size_t lines_lost(const std::string& before, const std::string& after)
{
    const auto old_lines = lines_of(before);
    const auto new_lines = lines_of(after);
    std::vector<std::string> lost;
    std::ranges::set_difference(old_lines, new_lines, std::back_inserter(lost));
    return lost.size();
}

std::multiset<std::string> comments_of(const std::string& text)
{
    std::multiset<std::string> comments;
    for (const std::string& line : lines_of(text))
        if (const auto hash = line.find('#'); hash != std::string::npos) comments.insert(line.substr(hash));
    return comments;
}

Preset read(const std::string& text, const std::string& path)
{
    Loaded loaded = load_text(text, path);
    for (const Error& error : loaded.errors) ADD_FAILURE() << to_string(error) << "\n" << text;
    return loaded.preset ? std::move(*loaded.preset) : Preset{};
}

/// Every live value of a preset, by its whole address.
std::map<std::string, double> values_of(const Preset& preset)
{
    std::map<std::string, double> values;
    for (const NodeModel& node : preset.nodes) {
        const LiveParameters live(node.settings);
        for (const LiveValue& value : live.all()) values[node.name + "." + value.address()] = value.get();
    }
    return values;
}

void expect_numbers(const Source& source, unsigned seed)
{
    const Preset before = read(source.text, source.path);
    RandomChanges random(seed, before);
    const Changes changes = random.numbers(source);
    const auto text = apply(source.text, source.path, changes);
    ASSERT_TRUE(text) << source.path << " seed " << seed << ": " << to_string(text.error()) << "\n" << source.text;
    auto wanted = values_of(before);
    for (const Changes::Number& change : changes.numbers) wanted[change.address] = change.value;
    const Preset after = read(*text, source.path);
    EXPECT_EQ(values_of(after), wanted) << *text;
    for (const NodeChange& node : difference(before, after).nodes) EXPECT_TRUE(node.old && !node.rebuild) << node.name << "\n" << *text;
    EXPECT_EQ(port_links(after), port_links(before));
    EXPECT_EQ(comments_of(*text), comments_of(source.text));
}

void expect_loop(const Source& source, unsigned seed)
{
    const Preset before = read(source.text, source.path);
    const auto loop = RandomChanges(seed, before).loop();
    const auto text = apply(source.text, source.path, {.loop_seconds = loop});
    ASSERT_TRUE(text) << source.path << " seed " << seed << ": " << to_string(text.error()) << "\n" << source.text;
    const Preset after = read(*text, source.path);
    EXPECT_EQ(after.transport.loop_seconds, loop);
    EXPECT_LE(lines_lost(source.text, *text), 2u);
    EXPECT_EQ(difference(before, after).transport, before.transport.loop_seconds != loop);
    EXPECT_EQ(values_of(after), values_of(before));
}

/// Cuts some links port by port, then draws them again.
void expect_links(const Source& source, unsigned seed)
{
    const Preset before = read(source.text, source.path);
    const Changes changes = RandomChanges(seed, before).links();
    const auto cut = apply(source.text, source.path, changes);
    // A port whose layout comes from the link that is cut may go with it: then the preset stays as it is, and the user is told why.
    if (!cut) return;
    const auto left = port_links(read(*cut, source.path));
    const auto lost = port_links(before).size() - left.size();
    EXPECT_GE(lost, changes.links_removed.empty() ? 0u : 1u) << *cut;
    EXPECT_LE(lines_lost(source.text, *cut), changes.links_removed.size()) << *cut;
    const auto again = apply(*cut, source.path, {.links_added = changes.links_removed});
    if (!again) return;
    const auto bare = [](const Preset& preset) {
        std::set<PortLink> links;
        for (PortLink link : port_links(preset)) {
            for (const ExternalModel& external : preset.externals)
                for (std::string* end : {&link.from, &link.to})
                    if (end->starts_with(external.name + ":")) *end = external.name;
            links.insert(link);
        }
        return links;
    };
    EXPECT_EQ(bare(read(*again, source.path)), bare(before)) << *cut << *again;
}

TEST(PatchProperty, random_edits_of_every_shipped_preset_read_back_as_they_were_meant)
{
    const auto sources = shipped();
    ASSERT_GE(sources.size(), 5u);
    for (const Source& source : sources)
        for (unsigned seed = 0; seed < 8; ++seed) {
            expect_numbers(source, seed);
            expect_loop(source, seed);
            expect_links(source, seed);
            ASSERT_FALSE(testing::Test::HasFailure()) << source.path << " seed " << seed;
        }
}

TEST(PatchProperty, links_of_every_shipped_preset_can_be_cut_one_by_one)
{
    for (const Source& source : shipped()) {
        const Preset preset = read(source.text, source.path);
        for (const PortLink& link : port_links(preset)) {
            PortLink asked = link;
            if (asked.to.find(':') == std::string::npos) asked.to += ":playback" + link.from.substr(link.from.rfind('_'));
            if (asked.from.find(':') == std::string::npos) asked.from += ":capture" + link.to.substr(link.to.rfind('_'));
            const auto text = apply(source.text, source.path, {.links_removed = {asked}});
            ASSERT_TRUE(text) << source.path << ": " << link.from << " -> " << link.to << ": " << to_string(text.error());
            EXPECT_EQ(port_links(read(*text, source.path)).size(), port_links(preset).size() - 1) << *text;
            EXPECT_LE(lines_lost(source.text, *text), 1u);
        }
    }
}

TEST(PatchProperty, anchors_aliases_and_merges_keep_every_other_value)
{
    for (unsigned seed = 0; seed < 100; ++seed) {
        expect_numbers({anchored, "test.yaml"}, seed);
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
}

TEST(PatchProperty, random_presets_take_random_edits)
{
    for (unsigned seed = 0; seed < 100; ++seed) {
        const Source source{RandomPreset(seed).text(), "test.yaml"};
        expect_numbers(source, seed);
        expect_loop(source, seed);
        expect_links(source, seed);
        ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed << "\n" << source.text;
    }
}

TEST(PatchProperty, no_change_is_no_change)
{
    for (const Source& source : shipped()) EXPECT_EQ(apply(source.text, source.path, {}).value_or(""), source.text);
}

}  // namespace
}  // namespace stemwire::preset
