// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dsp/convolver/aligned.hpp"
#include "dsp/convolver/kernels/kernels.hpp"
#include "dsp/convolver/level.hpp"

namespace stemwire::dsp {

/// One way from an input to an output.
struct ConvolverPath {
    std::size_t input;
    std::size_t output;
    std::span<const float> impulse;  ///< read by the constructor only
};

struct ConvolverOptions {
    std::uint32_t delay = 0;    ///< frames by which the output is late; more than 63 save work
    std::uint32_t quantum = 64;  ///< frames that most calls will have: only the cost depends on it
    bool throughput = false;    ///< a single call may last long if all together last shorter
    const convolver::Kernels* kernels = nullptr;  ///< null: the fastest that the processor has
};

/// Convolution of inputs with impulse responses, without latency: the first tap acts on the frame that it meets. The first taps are
/// computed directly, all others in the frequency domain, in partitions that grow with the distance and whose work is spread evenly
/// over the calls, on the caller's thread.
/// Source: Gardner, "Efficient convolution without input-output delay", JAES 43(3), 1995.
class Convolver {
public:
    /// Plans, allocates and transforms the impulses. Off the realtime side.
    Convolver(std::size_t inputs, std::size_t outputs, std::span<const ConvolverPath> paths, const ConvolverOptions& options = {});

    /// out[o][n] = Σ over the paths to o of Σ_k impulse[k] · in[i][n − delay − k]; any number of frames, a different one each time. Every
    /// output is overwritten and must be none of the inputs. The result is the same to the bit however the frames are cut into calls.
    /// Inputs must be finite. Guarantee: wait-free.
    void process(std::span<const float* const> in, std::span<float* const> out, std::uint32_t frames) noexcept;
    /// As if it had heard nothing yet. Guarantee: wait-free, but long.
    void reset() noexcept;

    /// True while nothing is left of earlier inputs: then silence costs almost nothing.
    [[nodiscard]] bool at_rest() const noexcept;

private:
    struct DirectPath {
        std::size_t input;
        std::size_t output;
        std::array<float, convolver::direct_taps> taps;
    };

    void take_direct_taps(std::span<const ConvolverPath> paths, std::size_t delay);
    void process_piece(std::span<const float* const> in, std::span<float* const> out, std::size_t done, std::size_t count) noexcept;
    void complete_block() noexcept;
    [[nodiscard]] float* current(std::size_t input) noexcept;
    void rest(std::span<float* const> out, std::size_t frames) noexcept;
    [[nodiscard]] bool recent_is_silent(std::size_t frames) const noexcept;

    const convolver::Kernels& kernels_;
    std::size_t inputs_;
    std::size_t outputs_;
    std::vector<DirectPath> direct_;
    std::vector<convolver::Level> levels_;
    std::size_t memory_;           ///< frames after which nothing is left of an input

    std::uint64_t now_ = 0;        ///< frames of input in the history
    std::size_t position_ = 0;     ///< frames of the current block that have come
    std::size_t silent_frames_;    ///< whole blocks of silence since the last sound
    convolver::History history_;
    convolver::AlignedFloats recent_;   ///< [input]: the previous block, the current one
    convolver::AlignedFloats pending_;  ///< [output]: what the levels add to the current block
};

}  // namespace stemwire::dsp
