// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dsp/convolver/bank.hpp"
#include "dsp/convolver/head.hpp"
#include "dsp/convolver/kernels/kernels.hpp"
#include "dsp/convolver/level.hpp"
#include "dsp/convolver/path.hpp"

namespace stemwire::dsp {

struct ConvolverOptions {
    std::uint32_t delay = 0;     ///< frames by which the output is late; more than a quantum save work
    std::uint32_t quantum = 64;  ///< frames that most calls will have: only the cost depends on it
    bool throughput = false;     ///< a single call may last long if all together last shorter
    const convolver::Kernels* kernels = nullptr;  ///< null: the fastest that the processor has
};

/// Convolution of inputs with impulse responses, without latency: the first tap acts on the frame that it meets. The impulses are cut into
/// partitions that grow with the distance, and the work of the later ones is spread evenly over the calls, on the caller's thread. The
/// first partition answers at once: as one transform where a call brings a whole unit of frames (64, or the quantum's share that the
/// plan chose), else by a direct sum and smaller partitions.
/// Source: Gardner, "Efficient convolution without input-output delay", JAES 43(3), 1995.
class Convolver {
public:
    /// Plans, allocates and transforms the impulses. Off the realtime side.
    Convolver(std::size_t inputs, std::size_t outputs, std::span<const ConvolverPath> paths, const ConvolverOptions& options = {});

    /// out[o][n] = Σ over the paths to o of Σ_k impulse[k] · in[i][n − delay − k]; any number of frames, a different one each time. Every
    /// output is overwritten and must be none of the inputs. How the frames are cut into calls changes the result by less than the
    /// rounding errors of single precision. Inputs must be finite. Guarantee: wait-free.
    void process(std::span<const float* const> in, std::span<float* const> out, std::uint32_t frames) noexcept;
    /// Does what process would do and returns true, where nothing is left of earlier inputs and these are silent: silence costs almost
    /// nothing. Else does nothing. Guarantee: wait-free.
    bool rest(std::span<const float* const> in, std::span<float* const> out, std::uint32_t frames) noexcept;
    /// As if it had heard nothing yet. Guarantee: wait-free, but long.
    void reset() noexcept;

    /// True while nothing is left of earlier inputs.
    [[nodiscard]] bool at_rest() const noexcept { return unit_is_silent_ && silent_frames_ >= memory_; }

private:
    using Inputs = std::span<const float* const>;
    using Outputs = std::span<float* const>;

    Convolver(const convolver::Plan& plan, std::span<const ConvolverPath> paths, const convolver::Shape& shape,
              const convolver::Kernels& kernels);
    void pass_silence(std::size_t frames) noexcept;
    void process_unit(Inputs in, Outputs out, std::size_t done) noexcept;
    void process_piece(Inputs in, Outputs out, std::size_t done, std::size_t count) noexcept;
    void remember(Inputs in, std::size_t done, std::size_t count) noexcept;
    void transform_inputs(std::uint64_t end) noexcept;
    void answer(std::size_t output, float* samples) noexcept;
    void begin_unit_in_pieces() noexcept;
    void end_unit() noexcept;

    convolver::Shape shape_;
    const convolver::Kernels& kernels_;
    std::size_t unit_;
    bool in_turn_;                       ///< the main partitions are read once for two units
    convolver::History history_;
    convolver::Head head_;
    std::optional<convolver::Bank> main_;  ///< none where all its taps would be zero
    std::vector<convolver::Level> upper_;
    std::size_t memory_;                 ///< frames after which nothing is left of an input

    std::uint64_t now_ = 0;              ///< where the current unit begins
    std::size_t position_ = 0;           ///< frames of it that have come
    bool head_is_stale_ = false;         ///< whole units have gone by without it
    bool unit_is_silent_ = true;         ///< as far as it has come
    std::size_t silent_frames_;          ///< of whole units since the last sound
    convolver::AlignedFloats pending_;   ///< [output]: what all but the head add to a unit that comes in pieces
};

}  // namespace stemwire::dsp
