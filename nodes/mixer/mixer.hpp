// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "dsp/meter_ballistics.hpp"
#include "dsp/mix.hpp"
#include "dsp/pan_law.hpp"
#include "dsp/ramp.hpp"
#include "nodes/mixer/bus_loudness.hpp"
#include "nodes/mixer/routes.hpp"
#include "stemwire/loudness.hpp"
#include "stemwire/node.hpp"

namespace stemwire::nodes {

/// A matrix of gains from channels to buses. Each way from a position of a channel to a position of a bus has a gain of its own, which
/// is channel × `to` × pan × mute and solo, and which ramps. What is silent or has no gain costs a comparison.
class Mixer final : public Node, public LoudnessSource {
public:
    /// `settings` must be complete (complete_mixer_settings), `ports` made from them.
    Mixer(const Settings& settings, const Ports& ports);

    Expected<void> prepare(const Preparation& preparation) override;
    void process(const Block& block) noexcept override STEMWIRE_ON(audio_thread);
    [[nodiscard]] const LoudnessReading* loudness_of(const std::string& output) const noexcept override;

private:
    /// What a person sets on a channel, as it was last seen.
    struct Controls {
        double gain_db = std::numeric_limits<double>::quiet_NaN();  ///< equal to nothing: not yet seen
        double pan = 0.0;
        bool mute = false;
        bool solo = false;
        [[nodiscard]] bool is_heard(bool any_solo) const noexcept { return !mute && (solo || !any_solo); }
        friend bool operator==(const Controls&, const Controls&) = default;
    };

    struct Channel {
        const LiveValue* gain;
        const LiveValue* pan;
        const LiveValue* mute;
        const LiveValue* solo;
        std::vector<const LiveValue*> to;  ///< [bus]
        std::size_t first_input;
        std::size_t inputs;
        Meter* meter;

        Controls seen{};
        std::vector<double> seen_to_db{};  ///< [bus]
        double gain_linear = 0.0;          ///< this and what follows: made from what was seen
        std::vector<double> to_linear{};   ///< [bus]
        dsp::PanGains power{};
        dsp::PanGains balance{};
        dsp::Ramp level{};                 ///< gain, mute and solo: what its meter shows
    };

    /// One way from an input to an output.
    struct Path {
        std::size_t input;
        std::size_t channel;
        std::size_t bus;
        double factor;
        PanRole pan;
        dsp::Ramp gain;
    };

    struct Bus {
        std::size_t first_output;
        std::size_t outputs;
        Meter* meter;
        bool paired;  ///< two outputs that hear the same inputs
        ChannelLayout layout;
        LoudnessReading* reading = nullptr;       ///< null: its loudness is not measured
        std::unique_ptr<BusLoudness> loudness{};  ///< as long as there is a reading, once prepared
    };

    void add_channel(const PortGroup& group, std::span<const PortGroup> buses);
    void add_paths(std::size_t channel, std::size_t bus, const ChannelLayout& from, const ChannelLayout& to);

    static bool look(Channel& channel) noexcept;
    [[nodiscard]] double path_gain(const Path& path, bool any_solo) const noexcept;
    template <class Set>
    void follow_controls(Set set) noexcept;
    /// Those that the first bus hears are measured while they are mixed onto it; not those that were silent, for they may still be.
    void measure_inputs(const Block& block) noexcept;
    void find_heard_inputs() noexcept;
    void add_term(const Block& block, std::size_t input, const dsp::GainLine& gain) noexcept;
    void keep_levels() noexcept;
    void update_meters(std::uint32_t frames) noexcept;
    void mix_bus(const Block& block, const Bus& bus) noexcept;
    void mix_output(const Block& block, std::size_t output) noexcept;
    void mix_two_outputs(const Block& block, std::size_t first) noexcept;
    [[nodiscard]] bool have_same_inputs(std::size_t output, std::size_t other) const noexcept;

    std::vector<Channel> channels_;
    std::vector<Bus> buses_;
    std::deque<LoudnessReading> readings_;
    std::vector<std::vector<Path>> paths_;  ///< [output]
    std::vector<dsp::Level> levels_;        ///< [input], as it comes in, of the last block; of one that is muted none
    std::vector<char> heard_;               ///< [input], by the first bus
    std::vector<std::size_t> measured_;     ///< the inputs of the terms that are measured together
    std::vector<dsp::Level> measured_levels_;
    std::vector<dsp::MixTerm> terms_;
    std::vector<dsp::PairTerm> pair_terms_;
    dsp::MeterBallistics ballistics_;
};

}  // namespace stemwire::nodes
