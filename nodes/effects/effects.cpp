// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/effects/effects.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "nodes/effects/parameters.hpp"
#include "nodes/offload.hpp"

namespace stemwire::nodes {

namespace {

// What is louder (+200 dB) is no sound but a fault, like what is no number; squares and filters of it would not be finite either.
constexpr float loudest = 1e10f;

bool is_sound(float sample)
{
    return sample != 0.0f && std::abs(sample) <= loudest;
}

void copy_sound(const float* in, float* out, std::uint32_t frames)
{
    for (std::uint32_t i = 0; i < frames; ++i) out[i] = std::abs(in[i]) <= loudest ? in[i] : 0.0f;
}

/// Silent frames at the end of a piece, in all channels.
std::uint32_t silence_at_end(std::span<const float* const> channels, std::uint32_t frames)
{
    std::uint32_t silent = frames;
    for (const float* samples : channels) {
        std::uint32_t end = 0;
        while (end < silent && samples[frames - 1 - end] == 0.0f) ++end;
        silent = end;
    }
    return silent;
}

}  // namespace

Effects::Effects(const Settings& settings, const Ports& ports) : Node(settings), aside_(channel_count(ports.inputs) - channel_count(ports.outputs)), piece_(channel_count(ports.outputs))
{
    for (const auto& channel : aside_) sidechain_.push_back(channel.data());
    for (const auto& [name, unit] : settings["chain"].records) {
        units_.push_back(make_unit(unit, live(), name, piece_.size()));
        if (const std::uint32_t quanta = offload_quanta(unit); quanta > 0) units_.back() = make_offloaded(std::move(units_.back()), quanta, sidechain_.size());
    }
    Meter& meter = meters_.emplace_back();
    meter.name = "output";
    meter.is_output = true;
}

Expected<void> Effects::prepare(const Preparation& preparation)
{
    for (const auto& unit : units_)
        if (auto prepared = unit->prepare(preparation, piece_.size()); !prepared) return prepared;
    ballistics_.prepare(preparation.rate_hz);
    frame_ = 0;
    silent_frames_ = 0;
    asleep_ = true;
    return {};
}

std::uint32_t Effects::latency() const noexcept
{
    std::uint32_t frames = 0;
    for (const auto& unit : units_) frames += unit->latency();
    return frames;
}

std::uint32_t Effects::longest_cycle() const noexcept
{
    std::uint32_t frames = largest_quantum;
    for (const auto& unit : units_) frames = std::min(frames, unit->longest_cycle());
    return frames;
}

Frames Effects::tail() const noexcept
{
    Frames frames = 0;
    for (const auto& unit : units_) frames += unit->tail();
    return frames;
}

std::uint64_t Effects::missing_frames() const noexcept
{
    std::uint64_t frames = 0;
    for (const auto& unit : units_) frames += unit->missing_frames();
    return frames;
}

void Effects::process(const Block& block) noexcept
{
    for (const auto& unit : units_) unit->follow();
    if (asleep_)
        for (const auto& unit : units_) unit->settle();
    for (std::uint32_t offset = 0; offset < block.frames;) {
        const std::uint32_t frames = asleep_ ? sleep_through(block, offset) : process_piece(block, offset);
        offset += frames;
        frame_ += frames;
        if (asleep_) asleep_ = offset == block.frames;
        else consider_sleep();
    }
    meter(block);
}

std::uint32_t Effects::sleep_through(const Block& block, std::uint32_t offset) const noexcept
{
    std::uint32_t silent = block.frames - offset;
    for (const float* input : block.inputs) {
        const float* begin = input + offset;
        silent = static_cast<std::uint32_t>(std::find_if(begin, begin + silent, is_sound) - begin);
    }
    for (float* output : block.outputs) std::fill_n(output + offset, silent, 0.0f);
    return silent;
}

std::uint32_t Effects::process_piece(const Block& block, std::uint32_t offset) noexcept
{
    const auto into_step = static_cast<std::uint32_t>(frame_ % dsp::control_frames);
    const std::uint32_t frames = std::min(block.frames - offset, dsp::control_frames - into_step);
    for (std::size_t channel = 0; channel < piece_.size(); ++channel) {
        piece_[channel] = block.outputs[channel] + offset;
        copy_sound(block.inputs[channel] + offset, piece_[channel], frames);
    }
    take_sidechain(block, offset, frames);
    const std::uint32_t silent = std::min(silence_at_end({piece_.data(), piece_.size()}, frames), silence_at_end(sidechain_, frames));
    silent_frames_ = silent == frames ? silent_frames_ + frames : silent;
    for (const auto& unit : units_) {
        unit->hear(sidechain_);
        unit->process(piece_, frames, into_step == 0);
        // What one unit raises beyond all bounds must not stick in the next.
        for (float* samples : piece_) copy_sound(samples, samples, frames);
    }
    return frames;
}

/// The inputs behind those that go through.
void Effects::take_sidechain(const Block& block, std::uint32_t offset, std::uint32_t frames) noexcept
{
    for (std::size_t channel = 0; channel < aside_.size(); ++channel)
        copy_sound(block.inputs[piece_.size() + channel] + offset, aside_[channel].data(), frames);
}

void Effects::consider_sleep() noexcept
{
    // Only where a control step begins, wherever a block may end: so that blocks of any size fall asleep on the same frame.
    if (frame_ % dsp::control_frames != 0 || silent_frames_ < dsp::control_frames) return;
    Frames memory = latency();
    for (const auto& unit : units_) memory += unit->memory();
    if (silent_frames_ < memory) return;
    for (const auto& unit : units_) unit->settle();
    asleep_ = true;
}

void Effects::meter(const Block& block) noexcept
{
    dsp::Level level;
    if (!asleep_)
        for (const float* output : block.outputs) level = level + dsp::measure(output, block.frames);
    ballistics_.begin_block(block.frames);
    ballistics_.update(meters_.front(), level, block.outputs.size());
}

}  // namespace stemwire::nodes

namespace stemwire {

extern const NodeType effects_type;
const NodeType effects_type{"effects", "a chain of effects: equalizer, dynamics, echo", "in: input_*, and sidechain_* where a unit listens to it; out: output_*",
                            nodes::effects_parameters(), &nodes::effects_ports, &nodes::check_effects,
                            [](const NodeSource& source) -> Expected<std::unique_ptr<Node>> {
                                return std::make_unique<nodes::Effects>(source.settings, source.ports);
                            }};

}  // namespace stemwire
