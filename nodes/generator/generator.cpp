// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/generator/generator.hpp"

#include <algorithm>

#include "nodes/generator/parameters.hpp"

namespace stemwire::nodes {

Generator::Generator(const Settings& settings, const Ports& ports)
    : Node(settings), level_(live().at("level")), mute_(live().at("mute")),
      signal_(make_signal(settings, live(), channel_count(ports.outputs)))
{
    Meter& meter = meters_.emplace_back();
    meter.name = "output";
    meter.is_output = true;
}

Expected<void> Generator::prepare(const Preparation& preparation)
{
    gain_.prepare(preparation.rate_hz, wanted_gain());
    ballistics_.prepare(preparation.rate_hz);
    if (signal_) signal_->prepare(preparation.rate_hz);
    return {};
}

float Generator::wanted_gain() const noexcept
{
    return mute_.get() != 0.0 ? 0.0f : static_cast<float>(decibels_to_linear(level_.get()));
}

void Generator::process(const Block& block) noexcept
{
    gain_.set_target(wanted_gain());
    for (const TransportSegment& segment : block.transport.segments()) play(segment, block);
    dsp::Level level;
    for (float* output : block.outputs) {
        gain_.apply(output, output, block.frames);
        level = level + dsp::measure(output, block.frames);
    }
    gain_.advance(block.frames);
    ballistics_.begin_block(block.frames);
    ballistics_.update(meters_.front(), level, block.outputs.size());
}

void Generator::play(const TransportSegment& segment, const Block& block) noexcept
{
    const bool heard = segment.rolling && signal_ != nullptr;
    if (heard) signal_->begin(segment);
    for (std::size_t channel = 0; channel < block.outputs.size(); ++channel) {
        float* out = block.outputs[channel] + segment.offset;
        if (heard && !gain_.is_off()) signal_->play(segment.unrolled, channel, out, segment.frames);
        else std::fill_n(out, segment.frames, 0.0f);
    }
}

}  // namespace stemwire::nodes

namespace stemwire {

extern const NodeType generator_type;
const NodeType generator_type{"generator", "plays test signals: sine, noise, impulses, a sweep", "out: output_*",
                              nodes::generator_parameters(), &nodes::generator_ports, &nodes::check_generator,
                              [](const NodeSource& source) -> Expected<std::unique_ptr<Node>> {
                                  return std::make_unique<nodes::Generator>(source.settings, source.ports);
                              }};

}  // namespace stemwire
