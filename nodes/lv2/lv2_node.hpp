// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dsp/meter_ballistics.hpp"
#include "nodes/lv2/channel_bank.hpp"
#include "rt/offload_line.hpp"
#include "stemwire/node.hpp"

namespace stemwire::nodes {

/// An LV2 plugin as a node: its audio ports are the node's.
class Lv2Node final : public Node {
public:
    Lv2Node(const Settings& settings, const Ports& ports);

    Expected<void> prepare(const Preparation& preparation) override;
    void process(const Block& block) noexcept override STEMWIRE_ON(audio_thread);
    [[nodiscard]] std::uint32_t latency() const noexcept override { return late_ + bank_.latency(); }
    [[nodiscard]] Frames tail() const noexcept override { return bank_.tail(); }
    [[nodiscard]] std::uint32_t longest_cycle() const noexcept override { return quanta_ > 0 ? late_ : largest_quantum; }
    [[nodiscard]] std::uint64_t missing_frames() const noexcept override { return line_.missing_frames(); }
    /// Once, when the plugin's latency has become another than the one that the graph is aligned by.
    [[nodiscard]] std::optional<std::string> take_message() override;

private:
    void work(std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t frames) noexcept;

    lv2::ChannelBank bank_;
    Ports ports_;
    std::uint32_t quanta_;    ///< 0: the plugin runs inside the cycle
    std::uint32_t late_ = 0;  ///< frames by which it is offloaded
    dsp::MeterBallistics ballistics_;
    bool told_ = false;
    rt::OffloadLine line_;    ///< last: its worker uses all the others
};

}  // namespace stemwire::nodes
