// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "media/encoder.hpp"
#include "media/output_file.hpp"

namespace stemwire::media {

/// What FFmpeg is told of a format.
struct LossyFormat {
    std::string_view ending;
    const char* container;      ///< FFmpeg's name of the muxer
    const char* codec;          ///< FFmpeg's name of the encoder
    std::int64_t bits_per_second_and_channel;  ///< 0: lossless
    int only_rate_hz;           ///< 0: any that the codec has
    std::size_t most_channels;
};

[[nodiscard]] inline OutputFile::Appears appearance(const EncodeRequest& request)
{
    return request.grows ? OutputFile::Appears::at_once : OutputFile::Appears::when_whole;
}

/// `largest_riff`: bytes that a RIFF file's own count can say (EBU Tech 3306); beyond it is RF64.
/// These take layouts in the order of FFmpeg's channel mask, which is WAVE's too.
[[nodiscard]] Expected<std::unique_ptr<Encoder>> make_wav_encoder(const EncodeRequest& request, std::uint64_t largest_riff = 0xffffffffu);
[[nodiscard]] Expected<std::unique_ptr<Encoder>> make_flac_encoder(const EncodeRequest& request);
[[nodiscard]] Expected<std::unique_ptr<Encoder>> make_av_encoder(const EncodeRequest& request, const LossyFormat& format);

}  // namespace stemwire::media
