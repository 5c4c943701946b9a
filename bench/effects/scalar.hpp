// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "dsp/biquad.hpp"

namespace stemwire::bench {

/// One channel's equalizer and compressor as they are mostly written: sample by sample, each band in transposed direct form II (J. O.
/// Smith, "Introduction to Digital Filters", "Transposed Direct Forms"), the gain by logarithm and power.
class ScalarChannel {
public:
    explicit ScalarChannel(std::span<const dsp::BiquadCoefficients> bands) : bands_(bands.begin(), bands.end()), states_(bands.size()) {}

    void equalize(float* samples, std::uint32_t frames)
    {
        for (std::uint32_t i = 0; i < frames; ++i) {
            double x = samples[i];
            for (std::size_t band = 0; band < bands_.size(); ++band) {
                const dsp::BiquadCoefficients& k = bands_[band];
                State& state = states_[band];
                const double y = k.b0 * x + state.first;
                state.first = k.b1 * x - k.a1 * y + state.second;
                state.second = k.b2 * x - k.a2 * y;
                x = y;
            }
            samples[i] = static_cast<float>(x);
        }
    }

    void compress(float* samples, std::uint32_t frames)
    {
        for (std::uint32_t i = 0; i < frames; ++i) {
            const float level_db = 20.0f * std::log10(std::abs(samples[i]) + 1e-15f);
            const float wanted_db = std::max(0.0f, level_db + 18.0f) * 0.75f;
            held_db_ = std::max(wanted_db, wanted_db + 0.9998f * (held_db_ - wanted_db));
            reduction_db_ = held_db_ + 0.998f * (reduction_db_ - held_db_);
            samples[i] *= std::pow(10.0f, -reduction_db_ / 20.0f);
        }
    }

private:
    struct State {
        double first = 0.0;
        double second = 0.0;
    };

    std::vector<dsp::BiquadCoefficients> bands_;
    std::vector<State> states_;
    float held_db_ = 0.0f;
    float reduction_db_ = 0.0f;
};

}  // namespace stemwire::bench
