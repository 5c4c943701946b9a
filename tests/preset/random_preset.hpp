// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <random>
#include <string>
#include <vector>

namespace stemwire::preset {

/// Presets that differ in everything that presets can differ in, but for files. The same seed gives the same preset, anywhere.
class RandomPreset {
public:
    explicit RandomPreset(unsigned seed) : random_(seed) {}

    std::string text()
    {
        std::string yaml = "stemwire: 1\n" + maybe("name: " + pick({"one", "two"}) + "\n") + maybe("quantum: " + pick({"64", "128"}) + "\n");
        yaml += "external: { speakers: { sink: default }" + maybe(", desk: { node: \"" + pick({"desk", "usb"}) + "*\" }") + " }\nnodes:\n";
        yaml += "  low: { type: generator" + maybe(", level: " + gain()) + maybe(", frequency: " + pick({"50 Hz", "1 kHz"})) + isolate() + " }\n";
        if (chance()) yaml += "  high: { type: " + pick({"generator", "generator, mute: true", "effects, channels: mono, chain: [ gain ]"}) + " }\n";
        has_high_ = yaml.find("  high: { type: generator") != std::string::npos;
        return yaml + mixer() + effects() + links() + rest();
    }

private:
    bool chance() { return random_() % 2 == 0; }
    std::string maybe(const std::string& text) { return chance() ? text : ""; }
    std::string pick(const std::vector<std::string>& words) { return words[random_() % words.size()]; }
    std::string gain() { return pick({"off", "0 dB", "-3 dB", "-4.5 dB", "-12 dB"}); }
    std::string isolate() { return maybe(", isolate: " + pick({"true", "false"})); }

    std::string channel()
    {
        return "{ gain: " + gain() + maybe(", pan: " + pick({"L20", "C", "0.25"})) + maybe(", mute: true") + maybe(", layout: " + pick({"mono", "stereo"})) +
               maybe(", to: { main: " + gain() + maybe(", send: " + gain()) + " }") + " }";
    }

    std::string mixer()
    {
        return "  mix: { type: mixer, buses: { main: stereo, send: " + pick({"mono", "stereo"}) + " }, channels: { low: " + channel() + ", high: " + channel() +
               maybe(", more: {}") + " } }\n";
    }

    std::string effects()
    {
        const std::string band = "{ type: peak, frequency: 1 kHz, gain: " + pick({"1 dB", "2 dB"}) + " }";
        return "  master: { type: effects, channels: stereo, chain: [ eq: { bands: [ " + band + maybe(", " + band) + " ] }, " + maybe("gain, ") +
               "compressor: { threshold: " + pick({"-18 dB", "-20 dB"}) + maybe(", ratio: 3") + " } ] }\n";
    }

    std::string links()
    {
        std::string list = "[ mix -> master -> speakers" + maybe(", low -> mix:low") + maybe(", low -> mix:high") + maybe(", mix:send -> master") +
                           maybe(", master:output_FL -> speakers:front-left") + maybe(", master -> mix:low, mix:main_FL -> master:input_FR");
        if (has_high_) list += maybe(", high -> mix:high");
        list += " ]";
        return chance() ? "links: " + list + "\n" : "links: { list: " + list + ", policy: " + pick({"keep", "enforce"}) + " }\n";
    }

    std::string rest()
    {
        return maybe("transport: { autostart: " + pick({"true", "false"}) + maybe(", loop: [8 s, 24 s]") + maybe(", follow: graph") + " }\n") +
               maybe("fuse: { stage: [" + pick({"mix, master", "mix"}) + "]" + " }\n");
    }

    std::mt19937 random_;
    bool has_high_ = false;
};

}  // namespace stemwire::preset
