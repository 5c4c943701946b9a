// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <utility>
#include <vector>

#include "nodes/effects/unit.hpp"
#include "rt/offload_line.hpp"

namespace stemwire::nodes {

namespace {

/// Another unit in a thread of its own: the same sound, later by a fixed number of quanta.
class OffloadedUnit final : public EffectUnit {
public:
    OffloadedUnit(std::unique_ptr<EffectUnit> unit, std::uint32_t quanta, std::size_t sidechain)
        : unit_(std::move(unit)), quanta_(quanta), sidechain_(sidechain)
    {
    }

    Expected<void> prepare(const Preparation& preparation, std::size_t channels) override
    {
        line_.stop();
        if (auto prepared = unit_->prepare(preparation, channels); !prepared) return prepared;
        inputs_.assign(channels + sidechain_, nullptr);
        late_ = quanta_ * preparation.quantum;
        line_.prepare({.inputs = inputs_.size(), .outputs = channels, .latency = late_, .largest_piece = dsp::control_frames,
                       .rate_hz = preparation.rate_hz, .offline = preparation.offline},
                      [this](const rt::OffloadLine::Piece& piece) { work(piece); });
        return {};
    }
    /// The worker does, where a control step begins.
    void follow() noexcept override {}
    void hear(std::span<const float* const> sidechain) noexcept override { std::ranges::copy(sidechain, inputs_.end() - std::ssize(sidechain)); }
    void process(std::span<float* const> channels, std::uint32_t frames, bool step) noexcept override
    {
        std::ranges::copy(channels, inputs_.begin());
        line_.process(inputs_, channels, frames, step);
    }
    void settle() noexcept override { line_.forget(); }

    [[nodiscard]] std::uint32_t latency() const noexcept override { return late_ + unit_->latency(); }
    /// What comes out in a cycle must have gone in before it.
    [[nodiscard]] std::uint32_t longest_cycle() const noexcept override { return late_; }
    [[nodiscard]] Frames tail() const noexcept override { return unit_->tail(); }
    [[nodiscard]] Frames memory() const noexcept override { return late_ + unit_->memory(); }
    [[nodiscard]] std::uint64_t missing_frames() const noexcept override { return line_.missing_frames(); }

private:
    void work(const rt::OffloadLine::Piece& piece) noexcept
    {
        if (piece.mark.step || piece.mark.forget) unit_->follow();
        if (piece.mark.forget) unit_->settle();
        for (std::size_t channel = 0; channel < piece.outputs.size(); ++channel)
            std::copy_n(piece.inputs[channel], piece.frames, piece.outputs[channel]);
        unit_->hear(piece.inputs.subspan(piece.outputs.size()));
        unit_->process(piece.outputs, piece.frames, piece.mark.step);
    }

    std::unique_ptr<EffectUnit> unit_;
    std::uint32_t quanta_;
    std::uint32_t late_ = 0;                 ///< frames
    std::size_t sidechain_;                  ///< channels
    std::vector<const float*> inputs_;       ///< those that go through, then the side chain's
    rt::OffloadLine line_;                   ///< last: its worker uses all the others
};

}  // namespace

std::unique_ptr<EffectUnit> make_offloaded(std::unique_ptr<EffectUnit> unit, std::uint32_t quanta, std::size_t sidechain)
{
    return std::make_unique<OffloadedUnit>(std::move(unit), quanta, sidechain);
}

}  // namespace stemwire::nodes
