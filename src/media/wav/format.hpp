// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>

#include "media/byte_file.hpp"
#include "stemwire/layout.hpp"

namespace stemwire::media {

/// What a WAVE file says of its samples, and where they are.
struct WavFormat {
    enum class Sample : std::uint8_t { u8, s16, s24, s32, f32, f64 };
    Sample sample = Sample::s16;
    int rate_hz = 0;
    unsigned channels = 0;
    unsigned frame_bytes = 0;
    ChannelLayout layout{};
    std::uint64_t data = 0;      ///< byte of the first frame
    std::uint64_t frames = 0;    ///< that are there
    std::uint64_t declared = 0;  ///< that the file says are there; 0: it does not say
};

/// FFmpeg's name of the samples' codec: pcm_s16le ….
[[nodiscard]] const char* codec_name(WavFormat::Sample sample) noexcept;

/// RIFF and RF64 (EBU Tech 3306) with plain samples; nothing of any other file. Guarantee: blocking.
[[nodiscard]] std::optional<WavFormat> read_wav_format(const ByteFile& file);

}  // namespace stemwire::media
