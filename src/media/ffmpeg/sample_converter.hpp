// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "media/ffmpeg/av.hpp"
#include "stemwire/layout.hpp"

namespace stemwire::media {

/// Decoded frames of any sample format as planar float of the channels that are wanted. The same layout goes through as it is, mono
/// goes to every channel; anything else is mixed with FFmpeg's default matrix (libswresample, swr_build_matrix2), as `ffmpeg -ac` does.
/// Thread: any but realtime, one at a time.
class SampleConverter {
public:
    SampleConverter() = default;
    /// `wanted` empty: the file's own channels. Rejects what has no matrix (positions that FFmpeg does not know).
    [[nodiscard]] static Expected<SampleConverter> make(const AVChannelLayout& file, const ChannelLayout& wanted);

    [[nodiscard]] std::size_t channels() const noexcept { return channels_; }

    /// Writes `count` frames of `in`, from its frame `from` on, to `out[channel]`. `in` has the file's number of channels.
    void convert(const AVFrame& in, std::size_t from, std::size_t count, std::span<float* const> out);

private:
    std::size_t file_channels_ = 0;
    std::size_t channels_ = 0;
    std::vector<float> matrix_;   ///< [wanted][file]; empty where nothing is mixed
    std::vector<float> scratch_;  ///< [file][frame], only for mixing
};

/// False for a sample format that convert cannot read.
[[nodiscard]] bool is_convertible(AVSampleFormat format) noexcept;

}  // namespace stemwire::media
