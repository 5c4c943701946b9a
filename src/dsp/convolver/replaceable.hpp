// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dsp/convolver/aligned.hpp"
#include "dsp/convolver/convolver.hpp"
#include "dsp/ramp.hpp"
#include "rt/handover.hpp"

namespace stemwire::dsp {

/// A convolver that another one can replace while it plays. Over 50 ms the input goes over from the old one to the new one, in a straight
/// line, and the old one's tail dies away to its end: out = old ∗ ((1 − g) · in) + new ∗ (g · in). So the same impulses in both change
/// nothing, nothing clicks and no tail is cut. Only where the next one waits while an old tail still sounds, that tail is faded out
/// over 50 ms: never more than two are computed, nor more kept than those, one that waits and what `collect` has not yet freed.
class ReplaceableConvolver {
public:
    /// All convolvers have so many inputs and outputs. Allocates.
    ReplaceableConvolver(std::unique_ptr<Convolver> first, std::size_t inputs, std::size_t outputs, double rate_hz);

    // Control's side, one thread.
    /// Takes the place of the one that plays as soon as no third one sounds; of several that wait the latest wins.
    void replace(std::unique_ptr<Convolver> next) { handover_.offer(std::move(next)); }
    /// Frees what no longer plays; says how many.
    std::size_t collect() { return handover_.collect(); }
    /// False while one waits to be played.
    [[nodiscard]] bool taken() const noexcept { return handover_.taken(); }

    // The realtime side.
    /// As Convolver::process. Guarantee: wait-free.
    void process(std::span<const float* const> in, std::span<float* const> out, std::uint32_t frames) noexcept;
    /// As Convolver::rest; nothing is at rest while one is replaced. Guarantee: wait-free.
    bool rest(std::span<const float* const> in, std::span<float* const> out, std::uint32_t frames) noexcept;

private:
    /// Some channels of up to `most_frames` frames.
    struct Piece {
        explicit Piece(std::size_t count);

        std::vector<convolver::AlignedFloats> samples;
        std::vector<float*> channels;
        std::vector<const float*> readable;
    };

    void take_turns() noexcept;
    void process_two(std::span<const float* const> in, std::span<float* const> out, std::size_t done, std::uint32_t frames) noexcept;
    void lead_over(const float* in, float* to_new, float* to_old, std::uint32_t frames) const noexcept;
    [[nodiscard]] bool old_is_over() const noexcept { return release_.is_off() || (!entry_.moves() && old_->at_rest()); }

    rt::Handover<Convolver> handover_;
    std::unique_ptr<Convolver> playing_;
    std::unique_ptr<Convolver> old_;  ///< null, or its tail still sounds
    Ramp entry_;                      ///< g
    Ramp release_;                    ///< the gain of the old one's output
    Piece new_in_;
    Piece old_in_;
    Piece old_out_;
    std::vector<float*> out_;         ///< where the current piece is written
};

}  // namespace stemwire::dsp
