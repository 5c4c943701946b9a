// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "dsp/meter_ballistics.hpp"
#include "dsp/ramp.hpp"
#include "nodes/generator/signals.hpp"
#include "stemwire/node.hpp"

namespace stemwire::nodes {

/// Plays a test signal while the transport rolls, and is silent while it stands. What is heard is a function of the unrolled timeline, so
/// that a measurement can be repeated to the bit, live and offline. It has no end, and so does not decide how long a render lasts.
class Generator final : public Node {
public:
    Generator(const Settings& settings, const Ports& ports);

    Expected<void> prepare(const Preparation& preparation) override;
    void process(const Block& block) noexcept override STEMWIRE_ON(audio_thread);

private:
    [[nodiscard]] float wanted_gain() const noexcept;
    void play(const TransportSegment& segment, const Block& block) noexcept;

    const LiveValue& level_;
    const LiveValue& mute_;
    std::unique_ptr<Signal> signal_;
    dsp::Ramp gain_;
    dsp::MeterBallistics ballistics_;
};

}  // namespace stemwire::nodes
