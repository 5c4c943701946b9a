// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "media/encoder.hpp"
#include "stemwire/error.hpp"
#include "stemwire/settings.hpp"

namespace stemwire::nodes {

/// The longest impulse that is taken. Its spectra need 8 bytes a frame and path, and those of the past as much a frame and input.
inline constexpr double longest_impulse_s = 30.0;
/// The longest impulse times its channels: 30 s of true stereo, or 15 s in eight channels.
inline constexpr double most_impulse_channel_seconds = 120.0;
/// As many samples as that has at 48 kHz, or 15 s of true stereo at 96 kHz.
inline constexpr std::size_t most_impulse_samples = 6'000'000;

/// One way through a reverb: which channel of the impulse leads from which input to which output.
struct ImpulsePath {
    std::size_t input;
    std::size_t output;
    std::size_t channel;
};

/// The paths that an impulse of so many channels opens in a node of so many: one channel is shared by all, two or more go one to
/// one, and four between two are true stereo (LL, LR, RL, RR). Empty where they do not fit.
/// `parallel`: one to one whatever their numbers, the impulse's channels counted round.
[[nodiscard]] std::vector<ImpulsePath> impulse_paths(std::size_t impulse_channels, std::size_t node_channels, bool parallel = false);

/// Reads an impulse response. Errors: unreadable, empty, longer than `longest_impulse_s`, silent, not finite. Guarantee: blocking.
[[nodiscard]] Expected<media::AudioFile> read_impulse(const std::string& path);
/// The same for a reverb's settings, which may name an attachment.
[[nodiscard]] Expected<media::AudioFile> read_impulse(const Settings& settings);

/// How an impulse is brought into shape.
struct ImpulseShape {
    double rate_hz;
    double trim_db;           ///< what comes after the last frame at this level below the peak is cut; `gain_off` keeps all
    bool normalize_energy;    ///< the loudest channel gets the energy 1
};

/// The impulse at the wanted rate, trimmed and scaled so that it reverberates as loud at any rate. Guarantee: blocking.
[[nodiscard]] media::AudioFile shape_impulse(media::AudioFile impulse, const ImpulseShape& shape);

}  // namespace stemwire::nodes
