// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/lv2/lv2_node.hpp"

#include <utility>

#include "nodes/lv2/parameters.hpp"
#include "nodes/offload.hpp"

namespace stemwire {
namespace nodes {

Lv2Node::Lv2Node(const Settings& settings, const Ports& ports)
    : Node(settings), bank_(settings, live(), "", ports.inputs.empty() ? 0 : ports.inputs.front().layout.size()),
      ports_(ports), quanta_(offload_quanta(settings))
{
    Meter& meter = meters_.emplace_back();
    meter.name = "output";
    meter.is_output = true;
}

Expected<void> Lv2Node::prepare(const Preparation& preparation)
{
    ballistics_.prepare(preparation.rate_hz);
    told_ = false;
    line_.stop();
    if (auto prepared = bank_.prepare({preparation.rate_hz, preparation.max_frames, preparation.quantum, preparation.offline}); !prepared) return prepared;
    late_ = quanta_ * preparation.quantum;
    if (quanta_ == 0) return {};
    line_.prepare({.inputs = channel_count(ports_.inputs), .outputs = channel_count(ports_.outputs), .latency = late_,
                   .largest_piece = preparation.max_frames, .rate_hz = preparation.rate_hz, .offline = preparation.offline},
                  [this](const rt::OffloadLine::Piece& piece) { work(piece.inputs, piece.outputs, piece.frames); });
    return {};
}

void Lv2Node::work(std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t frames) noexcept
{
    bank_.follow();
    bank_.process(inputs, outputs, frames);
}

void Lv2Node::process(const Block& block) noexcept
{
    if (quanta_ > 0) line_.process(block.inputs, block.outputs, block.frames);
    else work(block.inputs, block.outputs, block.frames);
    dsp::Level level;
    for (const float* output : block.outputs) level = level + dsp::measure(output, block.frames);
    ballistics_.begin_block(block.frames);
    ballistics_.update(meters_.front(), level, block.outputs.size());
}

std::optional<std::string> Lv2Node::take_message()
{
    const auto other = bank_.other_latency();
    if (!other || std::exchange(told_, true)) return std::nullopt;
    return "the plugin's latency is " + std::to_string(*other) + " frames now; the graph is aligned by " + std::to_string(bank_.latency()) +
           " until the next start";
}

namespace {

Expected<std::unique_ptr<Node>> make_lv2(const NodeSource& source)
{
    if (lv2::find_plugin(source.settings.text("uri")) == nullptr) return failure(lv2::missing_plugin(source.settings.text("uri")));
    return std::make_unique<Lv2Node>(source.settings, source.ports);
}

}  // namespace
}  // namespace nodes

extern const NodeType lv2_type;
const NodeType lv2_type{"lv2", "an LV2 plugin", "in: input_*, sidechain_* where the plugin has one; out: output_*", nodes::lv2::node_parameters(),
                        &nodes::lv2::node_ports, &nodes::lv2::check_plugin, &nodes::make_lv2};

}  // namespace stemwire
