// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dsp/convolver/convolver.hpp"
#include "dsp/meter_ballistics.hpp"
#include "dsp/ramp.hpp"
#include "media/encoder.hpp"
#include "nodes/reverb/dry_delay.hpp"
#include "stemwire/node.hpp"

namespace stemwire::nodes {

/// Convolution with an impulse response: out = dry · in + wet · (in ∗ impulse, later by the predelay). What is not finite in the input
/// counts as silence.
class Reverb final : public Node {
public:
    /// `impulse` as read_impulse gives it, and so many channels that impulse_paths has an answer.
    Reverb(const Settings& settings, std::size_t channels, media::AudioFile impulse);

    Expected<void> prepare(const Preparation& preparation) override;
    void process(const Block& block) noexcept override STEMWIRE_ON(audio_thread);
    [[nodiscard]] std::uint32_t latency() const noexcept override { return latency_; }
    [[nodiscard]] Frames tail() const noexcept override { return tail_; }

private:
    /// A gain that a person sets, made linear only when it changes.
    struct Gain {
        const LiveValue* value;
        double seen_db = 0.0;
        dsp::Ramp ramp{};

        void prepare(double rate_hz) noexcept;
        void follow() noexcept;
    };

    void clean_inputs(const Block& block) noexcept;
    void process_sound(const Block& block) noexcept;
    void publish_level(const Block& block) noexcept;

    std::size_t channels_;
    media::AudioFile impulse_;
    double predelay_s_;
    double trim_db_;
    bool normalize_energy_;
    std::uint32_t latency_quanta_;
    Gain wet_;
    Gain dry_;

    std::uint32_t latency_ = 0;
    Frames tail_ = 0;
    std::optional<dsp::Convolver> convolver_;
    DryDelay dry_delay_;
    std::vector<std::vector<float>> clean_;  ///< [channel][frame]: the input without what is not finite
    std::vector<const float*> clean_pointers_;
    dsp::MeterBallistics ballistics_;
};

}  // namespace stemwire::nodes
