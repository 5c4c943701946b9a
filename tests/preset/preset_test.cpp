// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/preset.hpp"

#include <cstdio>

#include "preset/report.hpp"
#include "preset/yaml_tree.hpp"
#include "tests/preset/load.hpp"
#include "tests/support/temporary_folder.hpp"

namespace stemwire::preset {
namespace {

TEST(Preset, joins_groups_by_position_and_mono_to_all)
{
    const Preset preset = good(head + R"(
nodes:
  tone: { type: generator }
  wide: { type: generator, channels: stereo }
  mix: { type: mixer, channels: { wide: {}, tone: {}, both: { layout: stereo } } }
links:
  - wide -> mix:wide
  - tone -> mix:tone
  - tone -> mix:both
  - mix -> speakers
)");
    EXPECT_EQ(wires_of(preset), (std::vector<std::string>{"wide:output_FL -> mix:wide_FL", "wide:output_FR -> mix:wide_FR",
                                                          "tone:output_MONO -> mix:tone_MONO", "tone:output_MONO -> mix:both_FL",
                                                          "tone:output_MONO -> mix:both_FR"}));
    ASSERT_EQ(preset.graph.outer_links.size(), 1u);
    EXPECT_TRUE(preset.graph.outer_links[0].outward);
    EXPECT_EQ(preset.graph.outer_links[0].layout, ChannelLayout::stereo());
}

TEST(Preset, a_channel_of_a_mixer_takes_the_layout_of_what_is_linked_to_it)
{
    const Preset preset = good(head + R"(
nodes:
  mix: { type: mixer, channels: { tone: {}, two: {}, free: {}, live: {} } }
  tone: { type: generator }
links: [ tone -> mix:tone, tone -> mix:two, tone -> mix:two, microphone -> mix:live, mix -> speakers ]
)");
    const auto& inputs = preset.nodes[0].ports.inputs;
    ASSERT_EQ(inputs.size(), 4u);
    EXPECT_TRUE(inputs[0].layout.is_mono());
    EXPECT_EQ(inputs[1].layout, ChannelLayout::stereo()) << "several links: stereo";
    EXPECT_EQ(inputs[2].layout, ChannelLayout::stereo());
    EXPECT_EQ(inputs[3].layout, ChannelLayout::stereo());
}

TEST(Preset, a_layout_travels_through_a_chain_whatever_the_order_of_the_nodes)
{
    const Preset preset = good(head + R"(
nodes:
  last: { type: effects, chain: [ gain: {} ] }
  first: { type: effects, chain: [ gain: {} ] }
  tone: { type: generator, channels: quad }
links: [ first -> last, tone -> first, last -> speakers ]
)");
    EXPECT_EQ(preset.nodes[0].ports.inputs[0].layout, *ChannelLayout::named("quad"));
}

TEST(Preset, a_link_that_closes_a_loop_is_allowed_and_late)
{
    const Preset preset = good(head + R"(
nodes:
  a: { type: effects, channels: mono, chain: [ gain: { gain: -6 dB } ] }
  b: { type: effects, channels: mono, chain: [ gain: { gain: -6 dB } ] }
links: [ a -> b -> a, b -> speakers ]
)");
    EXPECT_EQ(wires_of(preset), (std::vector<std::string>{"a:output_MONO -> b:input_MONO", "b:output_MONO -> a:input_MONO (late)"}));
}

TEST(Preset, anchors_aliases_and_merge_keys_work)
{
    const Preset preset = good(head + R"(
nodes:
  tone: &base { type: generator, level: -6 dB, frequency: 100 Hz }
  high: { <<: *base, frequency: 1 kHz }
  both: { <<: [ *base, { mute: true } ] }
links: [ tone -> speakers, high -> speakers, both -> speakers ]
)");
    EXPECT_EQ(preset.nodes[1].settings.number("level"), -6.0);
    EXPECT_EQ(preset.nodes[1].settings.number("frequency"), 1000.0);
    EXPECT_TRUE(preset.nodes[2].settings.flag("mute"));
}

TEST(Preset, marks_point_at_the_endpoint_inside_a_link)
{
    EXPECT_EQ(
        errors_of("stemwire: 1\nnodes: { tone: { type: generator } }\nexternal: { out: { sink: default } }\nlinks:\n  - tone -> nowhere\n"),
        (std::vector<std::string>{"test.yaml:5:13: error: unknown node 'nowhere' in links (known: tone, out)"}));
}

TEST(Preset, errors_come_in_the_order_of_the_file)
{
    const auto errors = errors_of("stemwire: 1\nlinks: [ x -> y ]\nnodes:\n  tone: { type: generator, frequency: 3 s }\nquantum: 3\n");
    ASSERT_EQ(errors.size(), 4u);
    EXPECT_EQ(errors[0].substr(0, 12), "test.yaml:2:");
    EXPECT_EQ(errors[2].substr(0, 12), "test.yaml:4:");
    EXPECT_EQ(errors[3].substr(0, 12), "test.yaml:5:");
}

const std::string strip = head + R"(
nodes:
  tone: { type: generator }
  mix: { type: mixer, buses: { main: stereo, send: stereo }, channels: { tone: {} } }
  master:
    type: effects
    chain:
      - eq: { bands: [ { type: peak, frequency: 1 kHz, gain: 1 dB } ] }
      - gain: { gain: 1 dB }
      - gain: { gain: 2 dB }
links: [ tone -> mix:tone, mix -> master -> speakers ]
)";

TEST(Live, addresses_are_those_of_the_command_line)
{
    const Preset preset = good(strip);
    LiveParameters live(preset.nodes[2].settings);
    EXPECT_NE(live.find("eq.bands.1.gain"), nullptr);
    EXPECT_NE(live.find("gain.gain"), nullptr);
    EXPECT_NE(live.find("gain-2.gain"), nullptr);
    EXPECT_EQ(live.find("chain.gain.gain"), nullptr);
    const LiveParameters mixer(preset.nodes[1].settings);
    EXPECT_NE(mixer.find("tone.gain"), nullptr);
}

TEST(Live, a_way_to_every_bus_has_an_address_though_the_preset_leaves_it_out)
{
    const LiveParameters mixer(good(strip).nodes[1].settings);
    ASSERT_NE(mixer.find("tone.to.main"), nullptr);
    ASSERT_NE(mixer.find("tone.to.send"), nullptr);
    EXPECT_EQ(mixer.find("tone.to.main")->get(), 0.0);
    EXPECT_EQ(mixer.find("tone.to.send")->get(), gain_off);
}

const std::string tone = head + "nodes: { tone: { type: generator } }\n";

TEST(Preset, links_are_kept_as_others_leave_them_unless_their_policy_says_otherwise)
{
    EXPECT_EQ(good(tone + "links: [ tone -> speakers ]").link_policy, LinkPolicy::keep);
    EXPECT_EQ(good(tone + "links: { list: [ tone -> speakers ] }").link_policy, LinkPolicy::keep);
    const Preset enforced = good(tone + "links:\n  policy: enforce\n  list:\n    - tone -> speakers\n");
    EXPECT_EQ(enforced.link_policy, LinkPolicy::enforce);
    EXPECT_EQ(enforced.graph.outer_links.size(), 1u);
    EXPECT_EQ(good(tone + "links: { policy: enforce }").graph.outer_links.size(), 0u);
}

TEST(Preset, a_session_follows_its_own_transport_unless_it_says_otherwise)
{
    EXPECT_EQ(good(tone).transport.follow, TransportFollow::own);
    EXPECT_EQ(good(tone + "transport: { follow: own }").transport.follow, TransportFollow::own);
    EXPECT_EQ(good(tone + "transport: { follow: graph }").transport.follow, TransportFollow::graph);
}

TEST(Preset, any_node_can_have_a_process_of_its_own)
{
    const Preset preset = good(head + "nodes: { alone: { isolate: true, type: generator }, here: { type: generator } }");
    EXPECT_TRUE(preset.nodes[0].isolate);
    EXPECT_FALSE(preset.nodes[1].isolate);
    EXPECT_TRUE(good(tone, {{"tone.isolate", "true"}}).nodes[0].isolate);
}

TEST(Preset, two_hundred_nodes_load)
{
    std::string yaml = head + "nodes:\n";
    std::string channels;
    std::string links = "links:\n";
    for (int i = 0; i < 200; ++i) {
        const std::string name = "tone" + std::to_string(i);
        yaml += "  " + name + ": { type: generator, frequency: " + std::to_string(100 + i) + " Hz }\n";
        channels += "      " + name + ": { gain: -20 dB }\n";
        links += "  - " + name + " -> mix:" + name + "\n";
    }
    const Preset preset = good(yaml + "  mix:\n    type: mixer\n    channels:\n" + channels + links + "  - mix -> speakers\n");
    EXPECT_EQ(preset.graph.wires.size(), 200u);
}

TEST(Preset, a_file_is_read_to_its_last_byte_and_refused_where_it_is_too_large)
{
    const test::TemporaryFolder folder;
    const std::string last = "\nname: last";
    for (const std::size_t size : {std::size_t{1000}, std::size_t{16383}, std::size_t{16384}, std::size_t{16385}, std::size_t{40000}, largest_preset}) {
        const std::string begin = tone + "links: [ tone -> speakers ]\n#";
        const std::string text = begin + std::string(size - begin.size() - last.size(), '.') + last;
        const Loaded loaded = load(folder.write("a.yaml", text));
        ASSERT_TRUE(loaded.preset) << size << ": " << to_string(loaded.errors.front());
        EXPECT_EQ(loaded.preset->name, "last") << size;
        EXPECT_EQ(loaded.preset->text->size(), size);
    }
    const std::string path = folder.write("a.yaml", tone + std::string(largest_preset + 1 - tone.size(), '#'));
    EXPECT_EQ(to_string(load(path).errors.at(0)), path + ":1:1: error: the preset is larger than 1 MiB");
}

TEST(Names, are_listed_as_far_as_anyone_reads)
{
    std::vector<std::string_view> words(40, "a");
    std::string all = "a";
    for (int i = 1; i < 40; ++i) all += ", a";
    EXPECT_EQ(list_of(words), all);
    words.push_back("b");
    EXPECT_EQ(list_of(words), all + ", …");
}

TEST(Names, of_sessions_are_those_that_a_file_can_have)
{
    for (int byte = 1; byte < 0x80; ++byte) {
        if (byte == '"' || byte == '\\') continue;
        std::string escape = "00";
        std::snprintf(escape.data(), escape.size() + 1, "%02x", static_cast<unsigned>(byte));
        const bool is_good = byte >= ' ' && byte != '/';
        EXPECT_EQ(load_text(tone + "name: \"a\\x" + escape + "b\"\n", "test.yaml").preset.has_value(), is_good) << byte;
    }
}

TEST(Names, are_of_letters_digits_underscores_and_hyphens)
{
    const std::string ascii = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    for (int byte = 0; byte < 256; ++byte) {
        const char letter = static_cast<char>(byte);
        EXPECT_EQ(wrong_name(std::string("a") + letter).empty(), byte >= 0x80 || ascii.find(letter) != std::string::npos) << byte;
    }
    EXPECT_EQ(wrong_name(""), "'' is no name (letters, digits, '_' and '-')");
    EXPECT_EQ(wrong_name("-a"), "'-a' is no name (letters, digits, '_' and '-')") << "as an argument it would be an option";
}

}  // namespace
}  // namespace stemwire::preset
