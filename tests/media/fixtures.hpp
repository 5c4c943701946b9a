// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.hpp"

/// Media files that the ffmpeg program makes for a test, and what it decodes from them: the oracle of everything here.
namespace stemwire::test {

/// `ffmpeg -v error -y ARGUMENTS`; throws where it fails.
void ffmpeg(const std::string& arguments);

/// A sound with tones, noise and a slow swell, another one in each channel.
void make_sound(const std::string& file, const std::string& output_options, double seconds, int rate_hz = 44100, int channels = 2);

/// Copies the first stream of each file into one container, all packets of the first, then all of the second, and so on: no
/// muxer would do that by itself.
void pack_one_behind_the_other(const std::vector<std::string>& files, const std::string& container);

/// `[channel][frame]`
using Planes = std::vector<std::vector<float>>;

/// What the ffmpeg program decodes; `options` stand behind the input.
[[nodiscard]] Planes decode_with_ffmpeg(const std::string& file, std::size_t channels, const std::string& options = {});

/// The largest difference of two signals of the same shape; infinity where their shapes differ.
[[nodiscard]] double largest_difference(const Planes& left, const Planes& right);

[[nodiscard]] Planes part(const Planes& planes, std::size_t from, std::size_t count);

}  // namespace stemwire::test
