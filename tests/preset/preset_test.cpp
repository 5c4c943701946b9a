// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/preset.hpp"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace stemwire::preset {
namespace {

Preset good(const std::string& yaml, const std::vector<Override>& overrides = {})
{
    Loaded loaded = load_text(yaml, "test.yaml", overrides);
    for (const Error& error : loaded.errors) ADD_FAILURE() << to_string(error);
    return loaded.preset ? std::move(*loaded.preset) : Preset{};
}

std::vector<std::string> errors_of(const std::string& yaml, const std::vector<Override>& overrides = {})
{
    std::vector<std::string> texts;
    for (const Error& error : load_text(yaml, "test.yaml", overrides).errors) texts.push_back(to_string(error));
    return texts;
}

/// Wires as `a:output_FL -> b:input_FL`.
std::vector<std::string> wires_of(const Preset& preset)
{
    std::vector<std::string> texts;
    for (const graph::Wire& wire : preset.graph.wires) {
        const NodeModel& from = preset.nodes[wire.from.node];
        const NodeModel& to = preset.nodes[wire.to.node];
        texts.push_back(from.name + ":" + port_names(from.ports.outputs)[wire.from.port] + " -> " + to.name + ":" + port_names(to.ports.inputs)[wire.to.port] +
                        (wire.feedback ? " (late)" : ""));
    }
    return texts;
}

const std::string head = "stemwire: 1\nexternal: { speakers: { sink: default }, microphone: { source: default } }\n";

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
    EXPECT_EQ(wires_of(preset), (std::vector<std::string>{"wide:output_FL -> mix:wide_FL", "wide:output_FR -> mix:wide_FR", "tone:output_MONO -> mix:tone_MONO",
                                                          "tone:output_MONO -> mix:both_FL", "tone:output_MONO -> mix:both_FR"}));
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
    EXPECT_EQ(errors_of("stemwire: 1\nnodes: { tone: { type: generator } }\nexternal: { out: { sink: default } }\nlinks:\n  - tone -> nowhere\n"),
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

TEST(Override, reaches_every_parameter_by_its_address)
{
    const Preset preset = good(strip, {{"tone.frequency", "2 kHz"}, {"mix.tone.gain", "-7 dB"}, {"mix.tone.to.send", "-12 dB"}, {"master.eq.bands.1.gain", "5"}, {"master.gain-2.gain", "off"}});
    EXPECT_EQ(preset.nodes[0].settings.number("frequency"), 2000.0);
    const Settings& channel = preset.nodes[1].settings["channels"].records[0].second;
    EXPECT_EQ(channel.number("gain"), -7.0);
    ASSERT_EQ(channel["to"].gains.size(), 1u);
    EXPECT_EQ(channel["to"].gains[0], (std::pair<std::string, double>{"send", -12.0}));
    const auto& chain = preset.nodes[2].settings["chain"].records;
    EXPECT_EQ(chain[0].second["bands"].records[0].second.number("gain"), 5.0);
    EXPECT_EQ(chain[1].second.number("gain"), 1.0);
    EXPECT_EQ(chain[2].first, "gain-2");
    EXPECT_EQ(chain[2].second.number("gain"), gain_off);
}

TEST(Override, says_what_is_wrong_with_it)
{
    const auto first = [](const std::string& address, const std::string& value) { return errors_of(strip, {{address, value}}).at(0); };
    EXPECT_NE(first("tone.freqency", "2").find("--set tone.freqency=2: unknown parameter 'freqency' (did you mean 'frequency'?)"), std::string::npos) << first("tone.freqency", "2");
    EXPECT_NE(first("tnoe.frequency", "2").find("did you mean 'tone'"), std::string::npos);
    EXPECT_NE(first("tone", "2").find("NODE.PARAM=VALUE"), std::string::npos);
    EXPECT_NE(first("tone.frequency", "2 dB").find("'2 dB' is not a frequency"), std::string::npos);
    EXPECT_NE(first("master.eq.bands.2.gain", "1").find("no '2' in bands"), std::string::npos) << first("master.eq.bands.2.gain", "1");
}

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

TEST(Hostile, nesting_and_multiplying_aliases_are_refused_quickly)
{
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int j = 0; j < 9; ++j) bomb += (j > 0 ? ", " : "") + before;
        bomb += "]\n";
    }
    EXPECT_FALSE(errors_of(bomb).empty());
    EXPECT_FALSE(errors_of(std::string(100'000, '[')).empty());
    EXPECT_FALSE(errors_of("stemwire: 1\nnodes: " + std::string(300, '[') + std::string(300, ']')).empty());
    EXPECT_FALSE(errors_of(std::string(5u << 20, 'a')).empty());
    EXPECT_FALSE(errors_of(std::string("stemwire: 1\0", 12)).empty());
    EXPECT_FALSE(load("/dev/zero").errors.empty());
    EXPECT_FALSE(load("/").errors.empty());
    EXPECT_FALSE(load("/no/such/file.yaml").errors.empty());
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

}  // namespace
}  // namespace stemwire::preset
