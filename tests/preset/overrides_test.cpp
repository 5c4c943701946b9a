// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/preset/load.hpp"

namespace stemwire::preset {
namespace {

const std::string strip = head + R"(
nodes:
  tone: { type: generator }
  mix:
    type: mixer
    buses: { main: stereo, send: stereo }
    channels: { tone: {}, gain: {}, spare: }
  master:
    type: effects
    chain:
      - eq: { bands: [ { type: peak, frequency: 1 kHz, gain: 1 dB } ] }
      - gain: { gain: 1 dB }
      - gain: { gain: 2 dB }
      - limiter
links: [ tone -> mix:tone, mix -> master -> speakers ]
)";

Settings settings_of(const std::string& node, const std::vector<Override>& overrides)
{
    for (const NodeModel& model : good(strip, overrides).nodes)
        if (model.name == node) return model.settings;
    throw std::out_of_range(node);
}

Settings channel(const std::string& name, const std::vector<Override>& overrides)
{
    const Settings mixer = settings_of("mix", overrides);
    for (const auto& [key, record] : mixer["channels"].records)
        if (key == name) return record;
    throw std::out_of_range(name);
}

TEST(Override, reaches_every_parameter_by_its_address)
{
    EXPECT_EQ(settings_of("tone", {{"tone.frequency", "2 kHz"}}).number("frequency"), 2000.0);
    EXPECT_EQ(channel("tone", {{"mix.tone.gain", "-7 dB"}}).number("gain"), -7.0);
    EXPECT_EQ(channel("spare", {{"mix.spare.pan", "L20"}}).number("pan"), -0.2);
    const auto chain = settings_of(
                           "master",
                           {{"master.eq.bands.1.gain", "5"}, {"master.gain-2.gain", "off"}, {"master.limiter.ceiling", "-2 dB"}})["chain"]
                           .records;
    EXPECT_EQ(chain[0].second["bands"].records[0].second.number("gain"), 5.0);
    EXPECT_EQ(chain[1].second.number("gain"), 1.0);
    EXPECT_EQ(chain[2].second.number("gain"), gain_off);
    EXPECT_EQ(chain[3].second.number("ceiling"), -2.0);
}

TEST(Override, reaches_what_is_fixed_while_playing_and_what_is_no_number)
{
    EXPECT_EQ(settings_of("tone", {{"tone.signal", "pink"}, {"tone.seed", "7"}}).text("signal"), "pink");
    EXPECT_EQ(settings_of("tone", {{"tone.channels", "[FL, FR]"}})["channels"].layout, ChannelLayout::stereo());
    EXPECT_EQ(good(strip, {{"tone.type", "track"}, {"tone.file", std::string(std::getenv("STEMWIRE_BROKEN_PRESETS")) + "/tone.wav"}})
                  .nodes[0]
                  .type->name,
              "track");
    EXPECT_EQ(settings_of("mix", {{"mix.channels", "{ tone: { gain: -1 dB } }"}})["channels"].records.size(), 1u);
}

TEST(Override, may_add_a_bus_that_a_channel_did_not_go_to)
{
    const auto gains = channel("tone", {{"mix.tone.to.send", "-12 dB"}})["to"].gains;
    ASSERT_EQ(gains.size(), 2u);
    EXPECT_EQ(gains[0], (std::pair<std::string, double>{"main", gain_off})) << "what goes somewhere goes nowhere else";
    EXPECT_EQ(gains[1], (std::pair<std::string, double>{"send", -12.0}));
    EXPECT_EQ(
        errors_of(strip, {{"mix.tone.to.sned", "-12 dB"}}),
        (std::vector<std::string>{
            "error: --set mix.tone.to.sned=-12 dB: channel 'tone' goes to 'sned', which is no bus of this mixer (its buses: main, send)"}));
}

TEST(Override, the_later_of_two_wins)
{
    EXPECT_EQ(settings_of("tone", {{"tone.frequency", "1 Hz"}, {"tone.frequency", "2 Hz"}}).number("frequency"), 2.0);
}

TEST(Override, takes_a_parameter_before_a_channel_of_the_same_name)
{
    // A channel may be called like a parameter of the mixer; its own parameters are still reached.
    const std::string yaml = head +
                             "nodes: { tone: { type: generator }, mix: { type: mixer, channels: { channels: {} } } }\nlinks: [ tone -> "
                             "mix:channels, mix -> speakers ]\n";
    const Preset preset = good(yaml, {{"mix.channels.gain", "-3 dB"}});
    EXPECT_EQ(preset.nodes[1].settings["channels"].records[0].second.number("gain"), -3.0);
}

TEST(Override, goes_into_a_take_that_is_written_as_its_file_alone)
{
    const std::string tone = std::string(std::getenv("STEMWIRE_BROKEN_PRESETS")) + "/tone.wav";
    const Preset preset = good(head + "nodes: { tape: { type: track, takes: [ " + tone + ", " + tone + " ] } }\nlinks: [ tape -> speakers ]\n", {{"tape.takes.2.stream", "0"}});
    const auto& takes = preset.nodes[0].settings["takes"].records;
    EXPECT_FALSE(takes[0].second.given("stream"));
    EXPECT_EQ(takes[1].second.text("stream"), "0");
    for (const auto& [number, take] : takes) EXPECT_EQ(take.text("file"), tone) << number;
}

TEST(Override, hides_no_mistake_of_the_file)
{
    const auto said = [](const std::string& nodes, const Override& override) {
        std::vector<std::string> texts;
        for (const std::string& text : errors_of(head + "nodes: { " + nodes + " }\n", {override})) texts.push_back(text.substr(text.find("error: ") + 7));
        return texts;
    };
    using Texts = std::vector<std::string>;
    EXPECT_EQ(said("mix: { type: mixer, channels: { a: 3 } }", {"mix.a.gain", "-3"}), (Texts{"nodes.mix.channels.a must be a map of keys and values, not '3'"}));
    EXPECT_EQ(said("tone: 5", {"tone.isolate", "true"}), (Texts{"nodes.tone must be a map of keys and values, not '5'"}));
    // What a unit lacks is said where the unit stands.
    const std::string chain = head + "nodes: { unit: { type: effects, channels: mono, chain: [ gain, eq, eq: ] } }\n";
    const std::string line = chain.substr(head.size());
    const auto lacks = [&](const std::string& unit, std::size_t at) {
        return "test.yaml:3:" + std::to_string(at + 1) + ": error: nodes.unit." + unit + " lacks 'bands' (filters, one after the other)";
    };
    const Texts both{lacks("eq", line.find("eq,")), lacks("eq-2", line.find("eq:"))};
    EXPECT_EQ(errors_of(chain), both);
    EXPECT_EQ(errors_of(chain, {{"unit.eq.offload", "true"}}), both);
}

TEST(Override, says_what_is_wrong_with_it)
{
    const auto said = [](const std::string& address, const std::string& value) {
        const auto errors = errors_of(strip, {{address, value}});
        const std::string prefix = "error: --set " + address + "=" + value + ": ";
        EXPECT_EQ(errors.size(), 1u) << address;
        EXPECT_EQ(errors.at(0).substr(0, prefix.size()), prefix);
        return errors.at(0).substr(prefix.size());
    };
    EXPECT_EQ(said("tone.freqency", "2"), "there is no 'tone.freqency' (did you mean 'tone.frequency'?)");
    EXPECT_EQ(said("mix.tnoe.gain", "2"), "there is no 'mix.tnoe' (did you mean 'mix.tone.gain'?)");
    EXPECT_EQ(said("master.limtier.ceiling", "2"), "there is no 'master.limtier' (did you mean 'master.limiter.ceiling'?)");
    EXPECT_EQ(said("master.eq.bands.2.gain", "1"), "there is no 'master.eq.bands.2' ('master.eq.bands' has 1)");
    EXPECT_EQ(said("mix.tone", "1"), "'mix.tone' is not one value ('mix.tone' has layout, gain, pan, mute, solo, to)");
    EXPECT_EQ(said("mix.tone.", "1"), "there is no 'mix.tone.' ('mix.tone' has layout, gain, pan, mute, solo, to)");
    EXPECT_EQ(said("tnoe.frequency", "2"), "unknown node 'tnoe' (did you mean 'tone'?)");
    EXPECT_EQ(said("tone", "2"), "name a node and its parameter: NODE.PARAM=VALUE");
    EXPECT_EQ(said("tone.frequency", "2 dB"), "frequency: '2 dB' is not a frequency such as 80 Hz or 3.2 kHz");
    EXPECT_EQ(said("master.eq.bands.1.gain", "off"), "gain: 'off' is out of range (-40 dB … 40 dB)");
    EXPECT_EQ(said("tone.frequency", "[1, 2]"), "'frequency' must be a single value, not a list");
}

TEST(Override, errors_come_before_those_of_the_file_in_the_order_given)
{
    const auto errors = errors_of(strip + "quantum: 3\n", {{"tone.mute", "3"}, {"tone.level", "x"}});
    ASSERT_EQ(errors.size(), 3u);
    EXPECT_EQ(errors[0].substr(0, 22), "error: --set tone.mute");
    EXPECT_EQ(errors[1].substr(0, 23), "error: --set tone.level");
    EXPECT_EQ(errors[2].substr(0, 13), "test.yaml:18:");
    const Errors unnamed = load_text(strip, "", {{"tone.mute", "3"}}).errors;
    ASSERT_EQ(unnamed.size(), 2u);
    EXPECT_EQ(unnamed[1].message, "'' is no name for a session (it must not be empty, nor have a '/' in it)") << "has no place";
}

}  // namespace
}  // namespace stemwire::preset
