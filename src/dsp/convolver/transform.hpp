// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

#include "dsp/convolver/aligned.hpp"
#include "dsp/convolver/kernels/kernels.hpp"

namespace stemwire::dsp::convolver {

/// The right-angle transform: 2N real numbers a as N complex ones z[n] = a[n] + i·a[n + N], evaluated at the N roots of x^N = i. The
/// product of two spectra is the negacyclic convolution of length 2N, so for a block `previous`, `current` and an impulse of N taps the
/// imaginary part of the result is the next N frames of their convolution. There is no bin for DC or Nyquist to treat apart. Bins
/// are in the order in which the splitting leaves them, which the inverse takes back; the inverse is not scaled (N times too large).
/// It is done in steps so that a long transform can be spread over several callbacks: do all steps, in their order.
/// Source: Nussbaumer, "Fast Fourier Transform and Convolution Algorithms" (1982), section 4.2.5 (right-angle convolution).
class Transform {
public:
    static constexpr std::size_t smallest = tile_bins;
    static constexpr std::size_t largest = 131072;

    /// `size`: N, a power of two, smallest … largest. Allocates; all else is wait-free. `kernels` must outlive it.
    Transform(std::size_t size, const Kernels& kernels);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t steps() const noexcept { return steps_.size(); }
    /// The share of a step in the whole, in butterflies: elements times levels.
    [[nodiscard]] double cost(std::size_t step) const noexcept;

    /// `work` has 2N floats, 64-byte aligned, and is kept between the steps. The spectrum's tiles stand `tile_stride` floats apart.
    void forward(std::size_t step, const float* previous, const float* current, float* work, float* spectrum,
                 std::size_t tile_stride) const noexcept;
    /// Overwrites `spectrum`, tiles in a row; `next` gets N frames.
    void inverse(std::size_t step, float* spectrum, float* next) const noexcept;

private:
    struct Pass {
        std::size_t radix;
        std::size_t node_size;  ///< before the pass
        std::size_t twiddles;   ///< index of the first node's
    };
    /// Some columns of a node in one of the outer passes, or all inner passes and the leaves of `inner_size_` elements.
    struct Step {
        std::size_t pass;
        std::size_t node;
        std::size_t begin;
        std::size_t end;
    };

    void plan_passes();
    void plan_steps();
    void make_twiddles();
    void make_leaf_twiddles(const std::vector<double>& angles);
    [[nodiscard]] const Butterflies& butterflies(const Pass& pass) const noexcept;
    [[nodiscard]] PassPart part(const Pass& pass, std::size_t node, std::size_t begin, std::size_t end) const noexcept;
    [[nodiscard]] std::size_t leaf_size() const noexcept { return kernels_->lanes * kernels_->lanes; }
    void forward_inner(std::size_t node, float* work, float* spectrum, std::size_t tile_stride) const noexcept;
    void inverse_inner(std::size_t node, float* work) const noexcept;

    std::size_t size_;
    const TransformKernels* kernels_;
    std::vector<Pass> passes_;
    std::size_t outer_passes_ = 1;     ///< done in columns over everything; those after them node by node
    std::size_t inner_size_ = 0;       ///< elements that the inner passes take at once: one node or several
    std::vector<Step> steps_;          ///< of the forward transform; the inverse takes them backwards
    AlignedFloats twiddles_;
    AlignedFloats leaf_twiddles_;
    std::size_t leaf_twiddle_floats_ = 0;  ///< of one leaf
};

}  // namespace stemwire::dsp::convolver
