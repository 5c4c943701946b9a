// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "stemwire/error.hpp"

namespace stemwire::plot {

struct SoundRequest {
    std::string file;
    std::string stream{};                    ///< "" the best, an index, a title or a language
    std::optional<double> duration_seconds{};  ///< from the beginning; nothing: all of it
    std::string title{};
};

struct SoundPlot {
    std::string svg;
    std::optional<std::string> message{};  ///< what turned out to be wrong with the file
};

/// Reads one audio stream of a file, of any length, and draws its waveform and spectrogram. The error names the file. `interrupted` may be set from
/// a signal handler. Guarantee: blocking.
[[nodiscard]] Expected<SoundPlot> plot_sound(const SoundRequest& request, const std::atomic<bool>& interrupted);

}  // namespace stemwire::plot
