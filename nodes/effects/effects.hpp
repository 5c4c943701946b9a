// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "dsp/control.hpp"
#include "dsp/meter_ballistics.hpp"
#include "nodes/effects/unit.hpp"
#include "stemwire/node.hpp"

namespace stemwire::nodes {

/// A chain of units in one node: no hop of the graph between them. Samples that are not finite count as silence, so that they stay in no
/// filter and no echo. After a silence longer than all units remember, it sleeps until the next sound.
class Effects final : public Node {
public:
    Effects(const Settings& settings, const Ports& ports);

    Expected<void> prepare(const Preparation& preparation) override;
    void process(const Block& block) noexcept override STEMWIRE_ON(audio_thread);
    [[nodiscard]] std::uint32_t latency() const noexcept override;
    [[nodiscard]] std::uint32_t longest_cycle() const noexcept override;
    [[nodiscard]] Frames tail() const noexcept override;
    [[nodiscard]] std::uint64_t missing_frames() const noexcept override;

private:
    [[nodiscard]] std::uint32_t sleep_through(const Block& block, std::uint32_t offset) const noexcept;
    [[nodiscard]] std::uint32_t process_piece(const Block& block, std::uint32_t offset) noexcept;
    void take_sidechain(const Block& block, std::uint32_t offset, std::uint32_t frames) noexcept;
    void consider_sleep() noexcept;
    void meter(const Block& block) noexcept;

    std::vector<std::unique_ptr<EffectUnit>> units_;
    std::vector<std::array<float, dsp::control_frames>> aside_;  ///< [channel of the side chain]
    std::vector<const float*> sidechain_;  ///< [channel]
    std::vector<float*> piece_;   ///< [channel]: where the piece's output begins
    dsp::MeterBallistics ballistics_;
    Frames frame_ = 0;            ///< counted from prepare: where control steps lie
    Frames silent_frames_ = 0;    ///< how long all inputs have been silent
    bool asleep_ = true;
};

}  // namespace stemwire::nodes
