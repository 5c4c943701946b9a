// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <span>

namespace stemwire::dsp::convolver {

/// Spectra and the transforms' workspaces are kept in tiles: 64 real parts, then the 64 imaginary parts that belong to them.
inline constexpr std::size_t tile_bins = 64;
inline constexpr std::size_t tile_floats = 2 * tile_bins;

/// Where the real part of an element stands in a row of tiles; its imaginary part is `tile_bins` further.
[[nodiscard]] constexpr std::size_t tile_offset(std::size_t element) noexcept
{
    return 2 * element - element % tile_bins;
}

/// The taps that are computed directly, and so the frames that lie between two blocks of the smallest transform.
inline constexpr std::size_t direct_taps = 64;

/// Columns `begin` … `end − 1` of a pass over one node: `radix` rows of `span` elements, which stand `span` elements apart.
struct PassPart {
    std::size_t span;
    std::size_t begin;
    std::size_t end;
    const float* twiddles;  ///< radix − 1 complex numbers
};

/// The passes of one radix. `node` is a node's place in tiles.
struct Butterflies {
    /// Takes the real part of its input from one array and the imaginary part from the other.
    void (*forward_first)(const float* real, const float* imaginary, float* node, const PassPart& part) noexcept;
    void (*forward)(float* node, const PassPart& part) noexcept;
    void (*inverse)(float* node, const PassPart& part) noexcept;
    /// Gives the imaginary part of its output only.
    void (*inverse_last)(const float* node, float* imaginary, const PassPart& part) noexcept;
};

/// Consecutive elements of a spectrum in a history: newest first, as two runs of tiles that stand one after the other.
struct TileRuns {
    const float* first;
    std::size_t first_count;
    const float* second;
    std::size_t second_count;
};

/// What is to be multiplied next, laid out alike: fetched into the second-level cache meanwhile. Rows of partitions are too short and lie too
/// far apart for the processor to foresee.
struct NextTile {
    const float* impulse;
    const float* input;
};

/// The inner loops of a transform of a few sizes. A leaf is the transform's end, lanes² elements at once, in which vectors hold
/// one element of several nodes.
struct TransformKernels {
    std::size_t lanes;
    Butterflies radix2;
    Butterflies radix4;
    Butterflies radix8;
    /// `blocks` leaves from `work` to `spectrum`, whose tiles stand `tile_stride` floats apart.
    void (*leaf_forward)(const float* work, float* spectrum, std::size_t tile_stride, std::size_t blocks, const float* twiddles) noexcept;
    void (*leaf_inverse)(float* work, std::size_t blocks, const float* twiddles) noexcept;
};

/// The convolver's inner loops, compiled once for each instruction set.
struct Kernels {
    const char* name;
    TransformKernels small;  ///< for transforms too small for the large one's leaf
    TransformKernels large;
    /// One tile: sum (+)= Σ impulse[p] · input[p], complex, over all partitions p.
    void (*multiply_accumulate)(float* sum, const float* impulse, const TileRuns& input, bool add) noexcept;
    /// The same for this block and the next one at once, so that all is read once for both: sum (+)= Σ impulse[p] · input[p] and
    /// ahead (+)= Σ impulse[p] · input[p − 1], where input[−1] is `newer`.
    void (*multiply_accumulate_two)(float* sum, float* ahead, const float* impulse, const float* newer, const TileRuns& input,
                                    const NextTile& next, bool add) noexcept;
    /// out[j] += Σ taps[k] · in[j − k] for whole vectors that cover j = begin … end − 1; `in` goes back `direct_taps` frames, and as
    /// far ahead as out, which has `direct_taps` frames.
    void (*direct)(float* out, const float* taps, const float* in, std::size_t begin, std::size_t end) noexcept;
    /// True where all samples are 0 or −0.
    bool (*is_silent)(const float* samples, std::size_t count) noexcept;
};

/// Those that this processor can run: first the portable one, which is the oracle of the others, last the fastest.
[[nodiscard]] std::span<const Kernels* const> usable_kernels() noexcept;

}  // namespace stemwire::dsp::convolver
