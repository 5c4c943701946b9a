// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace stemwire::dsp::resampler {

/// Output frames that are computed together, so that what they share of the input is loaded once: those whose numbers, divided by this,
/// agree.
inline constexpr std::uint32_t group_frames = 4;
/// Floats of the widest vector.
inline constexpr std::size_t widest = 16;

/// Where output frames lie in the input.
struct Walk {
    std::uint64_t phases = 1;       ///< places between two input frames at which an output frame may lie
    std::uint64_t step = 1;         ///< from an output frame to the next, in phases
    std::uint64_t phase = 0;        ///< of the first output frame
    std::uint64_t turns = group_frames;  ///< after so many output frames, a multiple of a group's, phases and groups meet again
    std::uint64_t turn = 0;         ///< the first output frame's number modulo `turns`
};

/// What a filter has a row for.
enum class RowsFor {
    turns,   ///< row r for the frames of turn r: its weights begin as far behind as they do behind the first of their group
    phases,  ///< row p for phase p: all weights begin at once
    parts,   ///< of the phases, where there are too many: phase p reads at p · parts_per_phase = r + ½ + t, from the three rows from 3 r
             ///< on, c0 + t · (c1 + t · c2)
};

/// Rows for each part: of a parabola.
inline constexpr std::size_t parabola_rows = 3;

/// A filter's rows, `[row][span]`: weights, and silence as wide as a group's frames lie apart.
struct Rows {
    const float* first = nullptr;  ///< at a multiple of 64 bytes; as much silence stands before the first row and behind the last
    std::size_t span = 0;          ///< a multiple of `widest`
    RowsFor rows_for = RowsFor::turns;
    double parts_per_phase = 0.0;
};

/// One or two channels. `in` begins with what the first output frame's first weight belongs to. Whole groups are read: what stands before
/// and behind, as far as a group reaches, is there and finite.
struct Run {
    Rows rows;
    Walk walk;
    const float* in[2];
    float* out[2];
    std::uint32_t frames;
};

/// The inner loops, compiled once for each instruction set. A frame has the same value wherever in a run it stands.
struct Kernels {
    const char* name;
    void (*one_channel)(const Run& run) noexcept;
    void (*two_channels)(const Run& run) noexcept;
};

/// Those that this processor can run: first the portable one, last the fastest.
[[nodiscard]] std::span<const Kernels* const> usable_kernels() noexcept;

}  // namespace stemwire::dsp::resampler
