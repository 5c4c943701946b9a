// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dsp/decibels.hpp"
#include "dsp/kernels/kernels.hpp"
#include "dsp/kernels/vector.hpp"

/// For kernels.cpp alone. What it takes from decibels.hpp are templates of vectors, which no other file makes of the same width.
namespace stemwire::dsp {

namespace {

constexpr float least_power = 1e-30f;  // keeps the logarithm finite: −300 dB

Vector at_least(Vector value, float least)
{
    return value > least ? value : least + Vector{};
}

float wanted_reductions(float* power_to_db, const GainCurve& curve) noexcept
{
    Vector most{};
    for (std::uint32_t frame = 0; frame < control_frames; frame += width) {
        const Vector power = at_least(Whole{}.load(power_to_db + frame), least_power);
        const Vector level_db = decibels_per_octave_of_power * log2_of<Vector, Integers>(power);
        const Vector into_knee_db = level_db - curve.threshold_db + curve.knee_db / 2.0f;
        const Vector not_below_db = at_least(into_knee_db, 0.0f);
        const Vector inside_db = not_below_db < curve.knee_db ? not_below_db : curve.knee_db + Vector{};
        const Vector beyond_db = at_least(into_knee_db - curve.knee_db, 0.0f);
        const Vector wanted_db = curve.slope * (inside_db * inside_db / (2.0f * curve.knee_db) + beyond_db);
        most = wanted_db > most ? wanted_db : most;
        Whole{}.store(power_to_db + frame, wanted_db);
    }
    float largest = 0.0f;
    for (int lane = 0; lane < width; ++lane) largest = most[lane] > largest ? most[lane] : largest;
    return largest;
}

void gains_of_reductions(float* db_to_gain) noexcept
{
    for (std::uint32_t frame = 0; frame < control_frames; frame += width)
        Whole{}.store(db_to_gain + frame, exp2_of<Vector, Integers>(-octaves_per_decibel * Whole{}.load(db_to_gain + frame)));
}

}  // namespace

}  // namespace stemwire::dsp
