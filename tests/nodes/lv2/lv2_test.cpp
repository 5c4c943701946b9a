// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/lv2/lv2_node.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <memory>
#include <thread>
#include <utility>

#include "nodes/effects/effects.hpp"
#include "nodes/lv2/parameters.hpp"
#include "preset/difference.hpp"
#include "preset/patch.hpp"
#include "preset/preset.hpp"
#include "tests/preset/load.hpp"
#include "tests/support/node_bench.hpp"
#include "tests/support/realtime_guard.hpp"

namespace stemwire::nodes {
namespace {

using preset::errors_of;
using preset::good;
using preset::head;
using test::Signals;

constexpr std::uint32_t length = 20'000;
const std::string amplifier = "http://lv2plug.in/plugins/eg-amp";
const std::string delay_line = "http://gareus.org/oss/lv2/nodelay";
const std::string side_chained = "http://plugin.org.uk/swh-plugins/sc2";
const std::string worker_gain = "urn:stemwire:test:worker-gain";

/// A preset with one node `fx`.
std::string one(const std::string& node)
{
    return head + "nodes: { fx: { " + node + " } }\n";
}

/// The node `fx` of a preset, ready to be prepared.
struct Made {
    explicit Made(const std::string& yaml) : preset(good(yaml))
    {
        const preset::NodeModel& model = preset.nodes.at(0);
        if (model.type->name == "lv2") node = std::make_unique<Lv2Node>(model.settings, model.ports);
        else node = std::make_unique<Effects>(model.settings, model.ports);
    }
    preset::Preset preset;
    std::unique_ptr<Node> node;
};

std::string lv2(const std::string& uri, const std::string& more = "")
{
    return "type: lv2, uri: '" + uri + "'" + more;
}

std::string unit(const std::string& uri, const std::string& more = "")
{
    return "type: effects, chain: [ lv2: { uri: '" + uri + "'" + more + " } ]";
}

Signals noise(std::size_t channels)
{
    Signals signals;
    for (std::size_t channel = 0; channel < channels; ++channel) signals.push_back(test::noise_channel(length, channel, 0.5f));
    return signals;
}

/// Later by so many frames, times a gain.
Signals shaped(const Signals& in, std::size_t late, double gain)
{
    Signals out = in;
    for (std::size_t channel = 0; channel < in.size(); ++channel)
        for (std::size_t i = 0; i < in[channel].size(); ++i)
            out[channel][i] = i < late ? 0.0f : static_cast<float>(gain * in[channel][i - late]);
    return out;
}

double largest_difference(const Signals& a, const Signals& b)
{
    double largest = 0.0;
    for (std::size_t channel = 0; channel < a.size(); ++channel)
        for (std::size_t i = 0; i < a[channel].size(); ++i) largest = std::max<double>(largest, std::abs(a[channel][i] - b[channel][i]));
    return largest;
}

TEST(Lv2, a_plugin_has_its_own_ports_and_parameters)
{
    const Made mono(one(lv2(amplifier)));
    EXPECT_EQ(mono.preset.nodes[0].ports.inputs[0].layout, ChannelLayout::mono());
    EXPECT_NE(mono.node->live().find("params.gain"), nullptr);
    const Made side_chain(one(lv2(side_chained)));
    ASSERT_EQ(side_chain.preset.nodes[0].ports.inputs.size(), 2u);
    EXPECT_EQ(side_chain.preset.nodes[0].ports.inputs[1].name, "sidechain");
}

TEST(Lv2, a_mono_plugin_is_there_for_every_channel)
{
    const Signals in = noise(2);
    for (const std::string& node : {lv2(amplifier, ", channels: stereo, params: { gain: -6 dB }"), unit(amplifier, ", params: { gain: -6 dB }")}) {
        const Made made(one(node));
        const Signals out = test::process(*made.node, in, 2, length);
        EXPECT_LT(largest_difference(out, shaped(in, 0, std::pow(10.0, -6.0 / 20.0))), 1e-6) << node;
    }
}

TEST(Lv2, a_parameter_can_be_turned_while_it_plays)
{
    const Signals in = noise(2);
    const Made made(one(unit(amplifier)));
    const Signals out = test::process(*made.node, in, 2, length, {.changes = {{5'000, "lv2.params.gain", 12.0}}});
    Signals expected = shaped(in, 0, std::pow(10.0, 12.0 / 20.0));
    for (std::size_t channel = 0; channel < 2; ++channel) std::copy_n(in[channel].begin(), 5'000, expected[channel].begin());
    EXPECT_LT(largest_difference(out, expected), 1e-5);
}

TEST(Lv2, the_latency_is_what_the_plugin_says_and_does)
{
    const Signals in = noise(1);
    for (const std::string& node : {lv2(delay_line, ", params: { delay: 777 }"), "channels: mono, " + unit(delay_line, ", params: { delay: 777 }")})
        for (const std::uint32_t block : {64u, 1000u}) {
            const Made made(one(node));
            // Delay lines like this one fade to a new length: by the second half it is the delay and nothing else.
            const Signals out = test::process(*made.node, in, 1, length, {.block = block});
            EXPECT_EQ(made.node->latency(), 777u);
            const Signals expected = shaped(in, 777, 1.0);
            for (std::size_t i = length / 2; i < length; ++i) ASSERT_EQ(out[0][i], expected[0][i]) << i;
        }
}

TEST(Lv2, another_latency_than_the_graph_is_aligned_by_is_told_once)
{
    const Made made(one(lv2(delay_line, ", params: { delay: 100 }")));
    test::process(*made.node, noise(1), 1, length, {.changes = {{9'984, "params.delay", 300.0}}});
    EXPECT_EQ(made.node->latency(), 100u);
    const auto message = made.node->take_message();
    ASSERT_TRUE(message);
    EXPECT_NE(message->find("300 frames"), std::string::npos);
    EXPECT_FALSE(made.node->take_message());
}

TEST(Lv2, the_default_state_is_restored)
{
    const Signals in = noise(1);
    const Made made(one(lv2(worker_gain)));
    EXPECT_EQ(test::process(*made.node, in, 1, length), shaped(in, 0, 0.25));
}

/// The node's output for these inputs, in cycles of 256 frames; offline: nothing may be missing.
Signals offline(Node& node, const Signals& in, std::size_t heard)
{
    EXPECT_TRUE(node.prepare({.rate_hz = 48000.0, .offline = true, .quantum = 256}));
    Signals result(heard, std::vector<float>(length));
    for (std::uint32_t frame = 0; frame < length; frame += 256) {
        std::vector<const float*> inputs;
        std::vector<float*> outputs;
        for (const auto& channel : in) inputs.push_back(channel.data() + frame);
        for (std::size_t channel = 0; channel < heard; ++channel) outputs.push_back(result[channel].data() + frame);
        const TransportCycle cycle{.clock = frame};
        node.process({inputs, outputs, std::min(256u, length - frame), cycle});
    }
    return result;
}

TEST(Offload, every_unit_sounds_the_same_later_by_its_quanta)
{
    const Signals in = noise(2);
    for (const std::string kind : {"compressor: { threshold: -30 dB", "limiter: { ceiling: -10 dB", "gate: { threshold: -10 dB", "delay: { time: 11 ms",
                                   "gain: { gain: 3 dB", "clip: { drive: 6 dB", "balance: { pan: L30", "eq: { bands: [ { type: peak, frequency: 1 kHz, gain: 6 dB } ]"}) {
        const auto run = [&](const std::string& more) {
            const Made made(one("type: effects, chain: [ " + kind + more + " } ]"));
            Signals out = offline(*made.node, in, 2);
            return std::pair(std::move(out), made.node->latency());
        };
        const auto [plain, latency] = run("");
        const auto [once, once_latency] = run(", offload: true");
        const auto [thrice, thrice_latency] = run(", offload: 3");
        EXPECT_EQ(once_latency, latency + 256) << kind;
        EXPECT_EQ(thrice_latency, latency + 3 * 256) << kind;
        EXPECT_EQ(once, shaped(plain, 256, 1.0)) << kind;
        EXPECT_EQ(thrice, shaped(plain, 3 * 256, 1.0)) << kind;
    }
}

TEST(Offload, a_unit_hears_its_side_chain_at_its_own_time)
{
    const auto run = [](const std::string& more) {
        const Made made(one("type: effects, channels: mono, chain: [ gate: { sidechain: true, threshold: -20 dB, hold: 0 s" + more + " } ]"));
        // The side chain is silent, loud, silent: the gate opens and closes in the middle of the sound.
        Signals in = noise(3);
        for (std::size_t channel = 1; channel < 3; ++channel)
            for (std::size_t i = 0; i < length; ++i)
                if (i < 4'000 || i > 8'000) in[channel][i] = 0.0f;
        return offline(*made.node, in, 1)[0];
    };
    EXPECT_EQ(Signals{run(", offload: true")}, shaped({run("")}, 256, 1.0));
}

TEST(Offload, a_side_chain_behind_a_unit_that_is_late_is_refused)
{
    for (const std::string& unit : {std::string("gain: { offload: true }"), "lv2: { uri: '" + delay_line + "' }"}) {
        const auto errors = errors_of(one("type: effects, chain: [ " + unit + ", gate: { sidechain: true } ]"));
        ASSERT_EQ(errors.size(), 1u) << unit;
        EXPECT_NE(errors[0].find("which makes the sound late"), std::string::npos) << errors[0];
    }
}

TEST(Offload, a_plugin_sounds_the_same_later_by_its_quanta)
{
    const Signals in = noise(2);
    for (const std::string& node : {lv2(amplifier, ", channels: stereo, params: { gain: -6 dB }, offload: 2"),
                                    unit(amplifier, ", params: { gain: -6 dB }, offload: 2")}) {
        const Made made(one(node));
        EXPECT_LT(largest_difference(offline(*made.node, in, 2), shaped(in, 512, std::pow(10.0, -6.0 / 20.0))), 1e-6) << node;
        EXPECT_EQ(made.node->latency(), 512u);
        EXPECT_EQ(made.node->missing_frames(), 0u);
    }
}

TEST(Offload, live_a_frame_is_in_time_or_silent_and_counted)
{
    const Signals in = noise(1);
    for (const std::string& node : {lv2(amplifier, ", offload: true"), "channels: mono, " + unit(amplifier, ", offload: true"),
                                    std::string("type: effects, channels: mono, chain: [ gain: { offload: true } ]")}) {
        const Made made(one(node));
        const Signals out = test::process(*made.node, in, 1, length, {.block = 128});
        const Signals expected = shaped(in, 256, 1.0);
        std::uint64_t silent = 0;
        for (std::size_t i = 0; i < length; ++i) {
            if (out[0][i] == 0.0f && expected[0][i] != 0.0f) ++silent;
            else ASSERT_EQ(out[0][i], expected[0][i]) << node << i;
        }
        EXPECT_EQ(made.node->missing_frames(), silent) << node;
    }
}

/// Blocks of ones until the output's last sample is this; false where it never is.
bool reaches(Node& node, float wanted)
{
    const std::vector<float> ones(64, 1.0f);
    std::vector<float> result(64);
    const float* in[] = {ones.data()};
    float* out[] = {result.data()};
    const TransportCycle cycle{};
    for (int block = 0; block < 20'000; ++block) {
        node.process({in, out, 64, cycle});
        if (result.back() == wanted) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
}

TEST(Lv2, a_worker_answers_while_the_plugin_runs)
{
    const Made made(one(lv2(worker_gain)));
    ASSERT_TRUE(made.node->prepare({.rate_hz = 48000.0}));
    EXPECT_TRUE(reaches(*made.node, 0.25f));
    made.node->live().find("params.wanted")->set(0.5);
    EXPECT_TRUE(reaches(*made.node, 0.5f));
    made.node->live().find("params.wanted")->set(0.7);
    EXPECT_TRUE(reaches(*made.node, 0.7f));
}

TEST(Lv2, offline_the_work_is_done_at_once)
{
    const Made made(one(lv2(worker_gain, ", params: { wanted: 0.5 % }")));
    ASSERT_TRUE(made.node->prepare({.rate_hz = 48000.0, .offline = true}));
    const std::vector<float> ones(64, 1.0f);
    std::vector<float> result(64);
    const float* in[] = {ones.data()};
    float* out[] = {result.data()};
    const TransportCycle cycle{};
    made.node->process({in, out, 64, cycle});
    made.node->process({in, out, 64, cycle});
    EXPECT_EQ(result, std::vector<float>(64, 0.5f));
}

TEST(Lv2, silence_is_not_computed_and_sound_wakes_the_plugin)
{
    Signals in{std::vector<float>(300'000, 0.0f)};
    const std::vector<float> sound = test::noise_channel(300'000, 0, 0.5f);
    std::copy(sound.begin() + 200'003, sound.end(), in[0].begin() + 200'003);
    std::copy_n(sound.begin(), 5'000, in[0].begin());
    for (const std::string& node : {lv2(amplifier), "channels: mono, " + unit(amplifier)})
        EXPECT_EQ(test::process(*Made(one(node)).node, in, 1, 300'000), in) << node;
}

TEST(Lv2, what_is_not_finite_does_not_get_into_the_plugin)
{
    Signals in = noise(1);
    in[0][1000] = std::nanf("");
    in[0][1001] = INFINITY;
    Signals expected = in;
    expected[0][1000] = expected[0][1001] = 0.0f;
    EXPECT_EQ(test::process(*Made(one(lv2(amplifier))).node, in, 1, length), expected);
}

TEST(Lv2, process_neither_allocates_nor_locks)
{
    for (const std::string& node : {lv2(amplifier), lv2(delay_line), lv2(side_chained), lv2(worker_gain), lv2(amplifier, ", offload: true"),
                                    "channels: mono, " + unit(amplifier, ", offload: true")}) {
        const Made made(one(node));
        ASSERT_TRUE(made.node->prepare({.rate_hz = 48000.0}));
        const std::vector<float> sound = test::noise_channel(largest_quantum, 1, 0.5f);
        std::vector<float> result(largest_quantum);
        const std::vector<const float*> in(channel_count(made.preset.nodes[0].ports.inputs), sound.data());
        float* out[] = {result.data()};
        const TransportCycle cycle{};
        const test::RealtimeGuard guard;
        for (LiveValue& value : made.node->live().all())
            for (const std::uint32_t frames : {1u, 63u, 64u, 1000u, largest_quantum}) {
                value.set(frames % 2 == 0 ? value.parameter().minimum : value.parameter().maximum);
                made.node->process({in, out, frames, cycle});
            }
        EXPECT_EQ(guard.offences(), 0u) << node;
    }
}

TEST(Lv2, parameters_are_read_in_the_plugins_own_units_and_by_its_words)
{
    const auto wanted = [](const std::string& value) {
        return Made(one(lv2(worker_gain, ", params: { wanted: " + value + " }"))).node->live().at("params.wanted").get();
    };
    EXPECT_EQ(wanted("0.7"), 0.7);
    EXPECT_EQ(wanted("0.25 %"), 0.25);
    EXPECT_EQ(wanted("as it was"), -1.0);
}

TEST(Lv2, mistakes_are_found_with_their_place)
{
    const auto wrong = [](const std::string& node) { return errors_of(head + "nodes:\n  fx: { " + node + " }\n"); };
    EXPECT_EQ(wrong("type: lv2, uri: http://gareus.org/oss/lv2/none"),
              std::vector<std::string>{"test.yaml:4:25: error: no LV2 plugin 'http://gareus.org/oss/lv2/none' is installed (others of the "
                                       "package x42-plugins are: lv2ls lists them)"});
    EXPECT_EQ(wrong("type: effects, chain: [ lv2: { uri: http://hippie.lt/lv2/gate, params: { any: 1 } } ]"),
              std::vector<std::string>{"test.yaml:4:45: error: no LV2 plugin 'http://hippie.lt/lv2/gate' is installed (Debian has it in the "
                                       "package abgate)"});
    EXPECT_EQ(wrong("type: lv2, uri: " + amplifier + ", params: { gian: 1 }"),
              std::vector<std::string>{"test.yaml:4:69: error: unknown key 'gian' in nodes.fx.params (did you mean 'gain'?)"});
    EXPECT_EQ(wrong("type: lv2, params: { gain: 100 dB }, uri: " + amplifier),
              std::vector<std::string>{"test.yaml:4:36: error: gain: '100 dB' is out of range (-90 dB … 24 dB)"});
    EXPECT_EQ(wrong("type: lv2, uri: 'urn:stemwire:test:fixed-blocks'"),
              std::vector<std::string>{"test.yaml:4:25: error: urn:stemwire:test:fixed-blocks cannot be played here: it needs a host with "
                                       "http://lv2plug.in/ns/ext/buf-size#fixedBlockLength"});
    EXPECT_EQ(wrong("type: effects, chain: [ lv2: { uri: " + side_chained + " } ]"), std::vector<std::string>{});
    EXPECT_EQ(wrong("type: effects, chain: [ lv2: { uri: 'http://plugin.org.uk/swh-plugins/matrixStMS' } ], channels: mono"),
              std::vector<std::string>{"test.yaml:4:45: error: http://plugin.org.uk/swh-plugins/matrixStMS has 2 inputs and 2 outputs, which "
                                       "does not fit a chain of 1 channel (a node of type lv2 takes any plugin)"});
}

TEST(Lv2, an_edited_parameter_is_turned_and_another_plugin_is_another_node)
{
    const preset::Preset before = good(one(lv2(amplifier)));
    const auto change = [&](const std::string& node) { return preset::difference(before, good(one(node))).nodes.at(0); };
    const preset::NodeChange turned = change(lv2(amplifier, ", params: { gain: -3 dB }"));
    EXPECT_FALSE(turned.rebuild);
    ASSERT_EQ(turned.live.size(), 1u);
    EXPECT_EQ(turned.live[0].address, "params.gain");
    EXPECT_TRUE(change(lv2(worker_gain)).rebuild);
    EXPECT_TRUE(change(lv2(amplifier, ", offload: true")).rebuild);
}

TEST(Lv2, what_was_turned_is_saved)
{
    const auto saved = [](const std::string& node, const std::string& address) {
        const auto text = preset::apply(one(node), "test.yaml", {.numbers = {{address, -3.0}}});
        return text ? *text : to_string(text.error());
    };
    EXPECT_EQ(saved(lv2(amplifier, ", params: { gain: 1 dB }"), "fx.params.gain"), one(lv2(amplifier, ", params: { gain: -3 dB }")));
    EXPECT_EQ(saved(lv2(amplifier), "fx.params.gain"), one(lv2(amplifier, ", params: { gain: -3 dB }")));
    EXPECT_EQ(saved(unit(amplifier, ", params: { gain: 1 dB }"), "fx.lv2.params.gain"), one(unit(amplifier, ", params: { gain: -3 dB }")));
}

TEST(Lv2, an_override_reaches_a_parameter_that_the_preset_does_not_name)
{
    const auto gain = [](const std::string& node, const std::string& address) {
        const preset::Preset preset = good(one(node), {{address, "-3 dB"}});
        return LiveParameters(preset.nodes.at(0).settings).all().front().get();
    };
    EXPECT_EQ(gain(lv2(amplifier), "fx.params.gain"), -3.0);
    EXPECT_EQ(gain(unit(amplifier), "fx.lv2.params.gain"), -3.0);
}

}  // namespace
}  // namespace stemwire::nodes
