// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "plot/measure.hpp"
#include "plot/response.hpp"
#include "plot/spectrogram.hpp"
#include "plot/waveform.hpp"

/// Measurements as whole SVG files of 800 pixels' width, under 300 kB.
namespace stemwire::plot {

struct Heading {
    std::string title;
    std::vector<std::string> facts;
};

/// Gain and phase over frequency, from 20 Hz to 20 kHz or half the rate.
[[nodiscard]] std::string draw_response(const Heading& heading, const Response& response, double rate_hz);

/// Output level over input level.
[[nodiscard]] std::string draw_curve(const Heading& heading, const StaticCurve& curve);

/// An impulse response `[channel][frame]`, how it dies away, and its decay times; not silent. `names` are the channels'.
[[nodiscard]] std::string draw_decay(Heading heading, std::span<const std::vector<float>> impulse, std::span<const std::string> names, double rate_hz);

/// The waveform of each channel, and the spectrogram of all. There is a frame at least. `names` are the channels'.
[[nodiscard]] std::string draw_sound(Heading heading, const Waveform& waveform, const Spectrogram& spectrogram, std::span<const std::string> names, double rate_hz);

}  // namespace stemwire::plot
