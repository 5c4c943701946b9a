// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "media/decode_pool.hpp"
#include "preset/preset.hpp"
#include "tests/support/node_bench.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/wav.hpp"

/// Nodes of every type there is, made as a session makes them.
namespace stemwire::test {

/// A node with its preset's line as its name in messages.
struct MadeNode {
    std::string text;
    std::shared_ptr<Node> node;
    Ports ports;
};

class NodeCases {
public:
    NodeCases()
    {
        write("stem.wav", 48000, 2, 48000, 0.3f);
        write("other-rate.wav", 44100, 1, 44100, 0.3f);
        write("ir.wav", 48000, 2, 30000, 0.01f);
        write("ir-2.wav", 48000, 4, 9000, 0.01f);
    }

    /// The presets' lines; every node type has one at least, and every kind of unit, band and signal is in one.
    [[nodiscard]] std::vector<std::string> texts() const
    {
        std::vector<std::string> all{
            "type: track, file: stem.wav, buffer: 0.1 s",
            "type: track, file: other-rate.wav, loop: true, resample: fast, channels: stereo",
            "type: mixer, buses: { main: stereo, send: mono }, channels: { a: { layout: mono, pan: L20 }, b: { layout: stereo, to: { main: 0 dB, send: -6 dB } }, c: { layout: 5.1 } }",
            "type: reverb, impulse: ir.wav, dry: -6 dB, predelay: 20 ms",
            "type: reverb, impulse: ir-2.wav, latency: 2",
            "type: recorder, file: take-%t.wav, inputs: { input: stereo }, preroll: 0.1 s",
            "type: recorder, file: take-%t.flac, inputs: { input: mono }, when: always, queue: 0.1 s",
            "type: effects, chain: [ { eq: { bands: [ " + bands() + " ] } }, " + units() + " ]",
            "type: lv2, uri: 'http://lv2plug.in/plugins/eg-amp', channels: stereo"};
        const Parameter& signal = row(find_node_type("generator")->parameters, "signal");
        for (const std::string_view word : signal.words) all.push_back("type: generator, signal: " + std::string(word) + ", channels: stereo");
        return all;
    }

    /// Not yet prepared.
    [[nodiscard]] MadeNode make(const std::string& text) { return make(text, model(text).settings); }
    /// With other settings than the text's.
    [[nodiscard]] MadeNode make(const std::string& text, const Settings& settings)
    {
        const preset::NodeModel& node = model(text);
        Errors errors;
        const Settings complete = node.type->complete != nullptr ? node.type->complete(settings) : settings;
        const Ports ports = node.type->ports(complete, NoHints{}, errors);
        if (node.type->check != nullptr) node.type->check(complete, errors);
        if (!errors.empty()) return {text + ": " + errors.front().message, nullptr, {}};
        auto made = node.type->make({"node", complete, ports, pool_});
        if (!made) return {text + ": " + made.error().message, nullptr, {}};
        return {text, std::move(*made), ports};
    }

    /// Calls back for the node with each number in turn at both ends of its range and at each of its words, and each choice at each of its words;
    /// settings that do not check are left out.
    void each_extreme(const std::string& text, const std::function<void(MadeNode)>& test)
    {
        Settings settings = model(text).settings;
        vary(settings, [&](const std::string& what) {
            MadeNode made = make(text, settings);
            made.text = text + " with " + what;
            if (made.node != nullptr) test(std::move(made));
        });
    }

    [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }

private:
    void write(const std::string& name, int rate_hz, std::size_t channels, std::size_t frames, float amplitude) const
    {
        Audio audio{rate_hz, {}};
        for (std::size_t channel = 0; channel < channels; ++channel) audio.channels.push_back(noise_channel(frames, channel, amplitude));
        write_audio(folder_.file(name), audio);
    }

    static std::string bands()
    {
        const Unit& eq = *std::ranges::find(row(find_node_type("effects")->parameters, "chain").units, "eq", &Unit::name);
        std::string text;
        for (const std::string_view word : row(row(eq.parameters, "bands").children, "type").words)
            text += (text.empty() ? "" : ", ") + ("{ type: " + std::string(word) + " }");
        return text;
    }
    static std::string units()
    {
        std::string text;
        for (const Unit& unit : row(find_node_type("effects")->parameters, "chain").units)
            if (unit.name != "eq")
                text += (text.empty() ? "" : ", ") + (unit.name == "lv2" ? "{ lv2: { uri: 'http://lv2plug.in/plugins/eg-amp' } }" : std::string(unit.name));
        return text;
    }

    preset::NodeModel model(const std::string& text) const
    {
        auto loaded = preset::load_text("stemwire: 1\nnodes: { node: { " + text + " } }\n", folder_.file("test.yaml"));
        for (const Error& error : loaded.errors) ADD_FAILURE() << to_string(error);
        return loaded.preset.value().nodes.at(0);
    }

    static void vary(Settings& settings, const std::function<void(const std::string&)>& changed)
    {
        for (Value& value : settings.values()) {
            const Value before = value;
            value.given = true;
            for (const double number : ends(*value.parameter)) {
                value.number = number;
                changed(std::string(value.parameter->name) + " = " + std::to_string(number));
            }
            for (const std::string_view word : value.parameter->words) {
                value.text = word;
                changed(std::string(value.parameter->name) + " = " + std::string(word));
            }
            value = before;
            for (auto& [name, record] : value.records) vary(record, [&, record_name = name](const std::string& what) { changed(record_name + "." + what); });
        }
    }
    /// The finite ends of a number's range, and its words.
    static std::vector<double> ends(const Parameter& parameter)
    {
        std::vector<double> numbers;
        if (parameter.kind > Kind::flag) return numbers;
        for (const double end : {parameter.minimum, parameter.maximum})
            if (std::isfinite(end)) numbers.push_back(end);
        for (const NamedValue& named : parameter.named) numbers.push_back(named.value);
        return numbers;
    }

    TemporaryFolder folder_;
    media::DecodePool pool_{1};
};

}  // namespace stemwire::test
