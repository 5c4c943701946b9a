// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/mixer/mixer.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "nodes/mixer/parameters.hpp"

namespace stemwire::nodes {

Mixer::Mixer(const Settings& settings, const Ports& ports) : Node(settings)
{
    std::size_t output = 0;
    for (const PortGroup& group : ports.outputs) {
        buses_.push_back({output, group.layout.size(), nullptr, false, group.layout});
        output += group.layout.size();
    }
    paths_.resize(output);
    for (const PortGroup& group : ports.inputs) add_channel(group, ports.outputs);
    for (std::size_t bus = 0; bus < buses_.size(); ++bus) {
        buses_[bus].meter = &meters_.emplace_back();
        buses_[bus].meter->name = ports.outputs[bus].name;
        buses_[bus].meter->is_output = true;
        buses_[bus].paired = buses_[bus].outputs == 2 && have_same_inputs(buses_[bus].first_output, buses_[bus].first_output + 1);
        if (settings.text("meters") != "lufs") continue;
        buses_[bus].reading = &readings_.emplace_back();
        buses_[bus].reading->name = ports.outputs[bus].name;
    }
}

void Mixer::add_channel(const PortGroup& group, std::span<const PortGroup> buses)
{
    const std::size_t first = channels_.empty() ? 0 : channels_.back().first_input + channels_.back().inputs;
    const auto value = [&](const std::string& name) { return &live().at(group.name + "." + name); };
    Meter& meter = meters_.emplace_back();
    meter.name = group.name;
    channels_.push_back({.gain = value("gain"), .pan = value("pan"), .mute = value("mute"), .solo = value("solo"), .to = {},
                         .first_input = first, .inputs = group.layout.size(), .meter = &meter});
    channels_.back().seen_to_db.resize(buses.size());
    channels_.back().to_linear.resize(buses.size());
    for (std::size_t bus = 0; bus < buses.size(); ++bus) {
        channels_.back().to.push_back(value("to." + buses[bus].name));
        add_paths(channels_.size() - 1, bus, group.layout, buses[bus].layout);
    }
}

void Mixer::add_paths(std::size_t channel, std::size_t bus, const ChannelLayout& from, const ChannelLayout& to)
{
    for (const Route& route : make_routes(from, to))
        paths_[buses_[bus].first_output + route.to].push_back(
            {channels_[channel].first_input + route.from, channel, bus, route.factor, route.pan, {}});
}

bool Mixer::have_same_inputs(std::size_t output, std::size_t other) const noexcept
{
    return std::ranges::equal(paths_[output], paths_[other], {}, &Path::input, &Path::input);
}

Expected<void> Mixer::prepare(const Preparation& preparation)
{
    const std::size_t inputs = channels_.back().first_input + channels_.back().inputs;
    std::size_t longest = inputs;
    for (const auto& paths : paths_) longest = std::max(longest, paths.size());
    terms_.reserve(longest);
    pair_terms_.reserve(longest);
    measured_.reserve(longest);
    measured_levels_.assign(longest, {});
    levels_.assign(inputs, {});
    heard_.assign(inputs, false);
    ballistics_.prepare(preparation.rate_hz);
    for (Bus& bus : buses_)
        if (bus.reading != nullptr) bus.loudness = std::make_unique<BusLoudness>(bus.layout, *bus.reading, preparation.rate_hz);
    for (Channel& channel : channels_) look(channel);
    follow_controls([&](dsp::Ramp& ramp, float gain) { ramp.prepare(preparation.rate_hz, gain); });
    return {};
}

bool Mixer::look(Channel& channel) noexcept
{
    const Controls now{channel.gain->get(), channel.pan->get(), channel.mute->get() != 0.0, channel.solo->get() != 0.0};
    bool changed = std::exchange(channel.seen, now) != now;
    for (std::size_t bus = 0; bus < channel.to.size(); ++bus) {
        const double gain_db = channel.to[bus]->get();
        changed = std::exchange(channel.seen_to_db[bus], gain_db) != gain_db || changed;
    }
    if (!changed) return false;
    channel.gain_linear = decibels_to_linear(now.gain_db);
    std::ranges::transform(channel.seen_to_db, channel.to_linear.begin(), decibels_to_linear);
    channel.power = dsp::constant_power(now.pan);
    channel.balance = dsp::balance(now.pan);
    return true;
}

double Mixer::path_gain(const Path& path, bool any_solo) const noexcept
{
    const Channel& channel = channels_[path.channel];
    if (!channel.seen.is_heard(any_solo)) return 0.0;
    const double gain = channel.gain_linear * channel.to_linear[path.bus] * path.factor;
    switch (path.pan) {
    case PanRole::none: break;
    case PanRole::power_left: return gain * channel.power.left;
    case PanRole::power_right: return gain * channel.power.right;
    case PanRole::balance_left: return gain * channel.balance.left;
    case PanRole::balance_right: return gain * channel.balance.right;
    }
    return gain;
}

template <class Set>
void Mixer::follow_controls(Set set) noexcept
{
    const bool any_solo = std::ranges::any_of(channels_, [](const Channel& channel) { return channel.seen.solo; });
    for (Channel& channel : channels_)
        set(channel.level, channel.seen.is_heard(any_solo) ? static_cast<float>(channel.gain_linear) : 0.0f);
    for (auto& paths : paths_)
        for (Path& path : paths) set(path.gain, static_cast<float>(path_gain(path, any_solo)));
}

void Mixer::process(const Block& block) noexcept
{
    bool changed = false;
    for (Channel& channel : channels_) changed = look(channel) || changed;
    if (changed) follow_controls([](dsp::Ramp& ramp, float gain) { ramp.set_target(gain); });
    ballistics_.begin_block(block.frames);
    measure_inputs(block);
    for (const Bus& bus : buses_) {
        mix_bus(block, bus);
        dsp::Level level;
        for (std::size_t output = bus.first_output; output < bus.first_output + bus.outputs; ++output)
            level = level + dsp::measure(block.outputs[output], block.frames);
        ballistics_.update(*bus.meter, level, bus.outputs);
        if (bus.loudness) bus.loudness->update(block.transport, block.outputs.subspan(bus.first_output, bus.outputs), block.frames);
    }
    update_meters(block.frames);
}

void Mixer::find_heard_inputs() noexcept
{
    std::ranges::fill(heard_, false);
    for (std::size_t output = 0; output < buses_.front().outputs; ++output)
        for (const Path& path : paths_[output])
            if (!path.gain.is_off()) heard_[path.input] = true;
}

void Mixer::measure_inputs(const Block& block) noexcept
{
    find_heard_inputs();
    terms_.clear();
    measured_.clear();
    for (const Channel& channel : channels_)
        for (std::size_t input = channel.first_input; input < channel.first_input + channel.inputs; ++input) {
            if (channel.level.is_off()) levels_[input] = {};
            else if (!heard_[input] || levels_[input].is_silent()) add_term(block, input, {1.0f, 0.0f, 0.0f});
        }
    dsp::measure(terms_, measured_levels_.data(), block.frames);
    keep_levels();
}

void Mixer::add_term(const Block& block, std::size_t input, const dsp::GainLine& gain) noexcept
{
    terms_.push_back({block.inputs[input], gain});
    measured_.push_back(input);
}

void Mixer::keep_levels() noexcept
{
    for (std::size_t i = 0; i < measured_.size(); ++i) levels_[measured_[i]] = measured_levels_[i];
}

void Mixer::update_meters(std::uint32_t frames) noexcept
{
    for (Channel& channel : channels_) {
        const auto levels = std::span(levels_).subspan(channel.first_input, channel.inputs);
        const dsp::Level level = std::accumulate(levels.begin(), levels.end(), dsp::Level{});
        ballistics_.update(*channel.meter, dsp::level_behind(channel.level.line(), level, frames), channel.inputs);
        channel.level.advance(frames);
    }
}

const LoudnessReading* Mixer::loudness_of(const std::string& output) const noexcept
{
    const auto reading = std::ranges::find(readings_, output, &LoudnessReading::name);
    return reading == readings_.end() ? nullptr : &*reading;
}

void Mixer::mix_bus(const Block& block, const Bus& bus) noexcept
{
    if (bus.paired) return mix_two_outputs(block, bus.first_output);
    for (std::size_t output = bus.first_output; output < bus.first_output + bus.outputs; ++output) mix_output(block, output);
}

void Mixer::mix_output(const Block& block, std::size_t output) noexcept
{
    terms_.clear();
    measured_.clear();
    for (Path& path : paths_[output]) {
        if (!levels_[path.input].is_silent() && !path.gain.is_off()) add_term(block, path.input, path.gain.line());
        path.gain.advance(block.frames);
    }
    if (output >= buses_.front().outputs) return dsp::mix(terms_, block.outputs[output], block.frames);
    dsp::mix(terms_, measured_levels_.data(), block.outputs[output], block.frames);
    keep_levels();
}

void Mixer::mix_two_outputs(const Block& block, std::size_t first) noexcept
{
    pair_terms_.clear();
    measured_.clear();
    for (std::size_t i = 0; i < paths_[first].size(); ++i) {
        Path& left = paths_[first][i];
        Path& right = paths_[first + 1][i];
        if (!levels_[left.input].is_silent() && !(left.gain.is_off() && right.gain.is_off())) {
            pair_terms_.push_back({block.inputs[left.input], {left.gain.line(), right.gain.line()}});
            measured_.push_back(left.input);
        }
        left.gain.advance(block.frames);
        right.gain.advance(block.frames);
    }
    float* const* out = &block.outputs[first];
    if (first > 0) return dsp::mix_pair(pair_terms_, out[0], out[1], block.frames);
    dsp::mix_pair(pair_terms_, measured_levels_.data(), out[0], out[1], block.frames);
    keep_levels();
}

}  // namespace stemwire::nodes

namespace stemwire {

extern const NodeType mixer_type;
const NodeType mixer_type{"mixer", "mixes channels onto buses through a matrix of gains",
                          "in: one group for each channel; out: one group for each bus",
                          nodes::mixer_parameters(), &nodes::mixer_ports, &nodes::check_mixer,
                          [](const NodeSource& source) -> Expected<std::unique_ptr<Node>> {
                              return std::make_unique<nodes::Mixer>(nodes::complete_mixer_settings(source.settings), source.ports);
                          },
                          &nodes::complete_mixer_settings};

}  // namespace stemwire
