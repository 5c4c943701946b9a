// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "dsp/convolver/replaceable.hpp"
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
    [[nodiscard]] bool wants_batches() const noexcept override { return true; }
    /// While an impulse is replaced, that of the longer one.
    [[nodiscard]] Frames tail() const noexcept override { return tail_.load(std::memory_order_relaxed); }

    /// Another impulse, as read_impulse gives it, in the place of the one that is heard, while `process` goes on: the input is led over to
    /// it in 50 ms and the old one's tail rings out (dsp::ReplaceableConvolver). Gains, predelay and latency stay. Errors: a number of
    /// channels that does not fit; then nothing changes. Prepare it first. Guarantee: blocking. Thread: that of prepare.
    Expected<void> replace_impulse(media::AudioFile impulse);
    /// Frees the impulses that are no longer heard, one of which may have been kept since the last replacement; says how many.
    /// Guarantee: blocking. Thread: that of prepare.
    std::size_t collect();

private:
    /// A gain that a person sets, made linear only when it changes.
    struct Gain {
        const LiveValue* value;
        double seen_db = 0.0;
        dsp::Ramp ramp{};

        void prepare(double rate_hz) noexcept;
        void follow() noexcept;
    };

    /// Of `impulse_`, ready to play.
    struct Made {
        std::unique_ptr<dsp::Convolver> convolver;
        Frames tail;
    };
    [[nodiscard]] Made make_convolver() const;
    void clean_inputs(const Block& block) noexcept;
    void process_sound(const Block& block) noexcept;
    void publish_level(const Block& block) noexcept;

    std::size_t channels_;
    media::AudioFile impulse_;
    double predelay_s_;
    double trim_db_;
    bool normalize_energy_;
    bool parallel_;
    std::uint32_t latency_quanta_;
    Gain wet_;
    Gain dry_;

    std::uint32_t latency_ = 0;
    Preparation preparation_{};
    Frames playing_tail_ = 0;       ///< of the impulse that was set last
    std::atomic<Frames> tail_{0};
    std::optional<dsp::ReplaceableConvolver> convolver_;
    DryDelay dry_delay_;
    std::vector<std::vector<float>> clean_;  ///< [channel][frame]: the input without what is not finite
    std::vector<const float*> clean_pointers_;
    dsp::MeterBallistics ballistics_;
};

}  // namespace stemwire::nodes
