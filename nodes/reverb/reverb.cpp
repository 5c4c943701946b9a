// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/reverb/reverb.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <utility>

#include "nodes/reverb/impulse.hpp"
#include "nodes/reverb/parameters.hpp"

namespace stemwire {

namespace nodes {

namespace {

// What is louder (+200 dB) is no sound but a fault, like what is no number; the transform of it would not be finite either.
constexpr float loudest = 1e10f;

}  // namespace

void Reverb::Gain::prepare(double rate_hz) noexcept
{
    seen_db = value->get();
    ramp.prepare(rate_hz, static_cast<float>(decibels_to_linear(seen_db)));
}

void Reverb::Gain::follow() noexcept
{
    if (const double now_db = value->get(); now_db != std::exchange(seen_db, now_db))
        ramp.set_target(static_cast<float>(decibels_to_linear(now_db)));
}

Reverb::Reverb(const Settings& settings, std::size_t channels, media::AudioFile impulse)
    : Node(settings), channels_(channels), impulse_(std::move(impulse)), predelay_s_(settings.number("predelay")),
      trim_db_(settings.number("trim")), normalize_energy_(settings.text("normalize") == "energy"),
      parallel_(settings.text("routing") == "parallel"),
      latency_quanta_(static_cast<std::uint32_t>(settings.number("latency"))),
      wet_{&live().at("wet")}, dry_{&live().at("dry")}
{
    Meter& meter = meters_.emplace_back();
    meter.name = "output";
    meter.is_output = true;
}

Reverb::Made Reverb::make_convolver() const
{
    const auto impulse = shape_impulse(impulse_, {preparation_.rate_hz, trim_db_, normalize_energy_});
    const Frames predelay = seconds_to_frames(predelay_s_, preparation_.rate_hz);
    std::vector<dsp::ConvolverPath> paths;
    for (const ImpulsePath& path : impulse_paths(impulse.channels.size(), channels_, parallel_))
        paths.push_back({path.input, path.output, impulse.channels[path.channel]});
    const dsp::ConvolverOptions options{.delay = latency_ + static_cast<std::uint32_t>(predelay),
                                        .quantum = preparation_.batch > 0 ? preparation_.batch : preparation_.quantum,
                                        .throughput = preparation_.offline};
    return {std::make_unique<dsp::Convolver>(channels_, channels_, paths, options),
            predelay + impulse.channels.front().size() - 1};  // the first tap acts on the frame itself
}

Expected<void> Reverb::replace_impulse(media::AudioFile impulse)
{
    if (impulse_paths(impulse.channels.size(), channels_, parallel_).empty())
        return failure("an impulse of " + std::to_string(impulse.channels.size()) + " channels does not fit a reverb of " +
                       std::to_string(channels_));
    impulse_ = std::move(impulse);
    Made made = make_convolver();
    tail_.store(std::max(made.tail, playing_tail_), std::memory_order_relaxed);
    playing_tail_ = made.tail;
    convolver_->replace(std::move(made.convolver));
    collect();
    return {};
}

std::size_t Reverb::collect()
{
    return convolver_->collect();
}

Expected<void> Reverb::prepare(const Preparation& preparation)
{
    preparation_ = preparation;
    latency_ = latency_quanta_ * preparation.quantum;
    Made made = make_convolver();
    playing_tail_ = made.tail;
    tail_.store(made.tail, std::memory_order_relaxed);
    convolver_.emplace(std::move(made.convolver), channels_, channels_, preparation.rate_hz);
    dry_delay_.prepare(channels_, latency_);
    clean_.assign(channels_, std::vector<float>(std::max(preparation.max_frames, preparation.batch)));
    clean_pointers_.clear();
    for (const auto& channel : clean_) clean_pointers_.push_back(channel.data());
    wet_.prepare(preparation.rate_hz);
    dry_.prepare(preparation.rate_hz);
    ballistics_.prepare(preparation.rate_hz);
    return {};
}

void Reverb::process(const Block& block) noexcept
{
    wet_.follow();
    dry_.follow();
    ballistics_.begin_block(block.frames);
    // The convolver remembers longer than the dry delay, so when it rests nothing is left in that one either.
    if (convolver_->rest(block.inputs, block.outputs, block.frames)) {
        ballistics_.update(meters_.front(), {}, channels_);
    } else {
        process_sound(block);
        publish_level(block);
    }
    wet_.ramp.advance(block.frames);
    dry_.ramp.advance(block.frames);
}

void Reverb::process_sound(const Block& block) noexcept
{
    clean_inputs(block);
    convolver_->process(clean_pointers_, block.outputs, block.frames);
    dry_delay_.process(clean_, block.frames);
    for (std::size_t channel = 0; channel < channels_; ++channel) {
        const std::array terms{dsp::MixTerm{block.outputs[channel], wet_.ramp.line()},
                               dsp::MixTerm{clean_pointers_[channel], dry_.ramp.line()}};
        dsp::mix(std::span(terms).first(dry_.ramp.is_off() ? 1 : 2), block.outputs[channel], block.frames);
    }
}

void Reverb::clean_inputs(const Block& block) noexcept
{
    for (std::size_t channel = 0; channel < channels_; ++channel)
        std::transform(block.inputs[channel], block.inputs[channel] + block.frames, clean_[channel].begin(),
                       [](float sample) { return std::abs(sample) <= loudest ? sample : 0.0f; });
}

void Reverb::publish_level(const Block& block) noexcept
{
    dsp::Level level;
    for (const float* samples : block.outputs) level = level + dsp::measure(samples, block.frames);
    ballistics_.update(meters_.front(), level, channels_);
}

namespace {

Expected<std::unique_ptr<Node>> make_reverb(const NodeSource& source)
{
    const std::string name = std::filesystem::path(source.settings.text("impulse")).filename().string();
    auto impulse = read_impulse(source.settings);
    if (!impulse) return failure(name + " " + impulse.error().message);
    const std::size_t channels = channel_count(source.ports.inputs);
    if (impulse_paths(impulse->channels.size(), channels, source.settings.text("routing") == "parallel").empty())
        return failure(name + " has " + std::to_string(impulse->channels.size()) + " channels, which do not fit the node's " +
                       std::to_string(channels));
    return std::make_unique<Reverb>(source.settings, channels, std::move(*impulse));
}

}  // namespace

}  // namespace nodes

extern const NodeType reverb_type;
const NodeType reverb_type{"reverb", "convolves with an impulse response", "in: input_*; out: output_*, the same channels",
                           nodes::reverb_parameters(), &nodes::reverb_ports, &nodes::check_reverb, &nodes::make_reverb};

}  // namespace stemwire
