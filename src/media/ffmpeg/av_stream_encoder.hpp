// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "dsp/resampler.hpp"
#include "media/encoders.hpp"
#include "media/ffmpeg/av.hpp"

namespace stemwire::media {

/// `No space left on device`: what FFmpeg says of an error.
[[nodiscard]] std::string av_words(int error);

/// One audio stream of a container that FFmpeg writes: frames of the codec's own size, at a rate that it has.
class AvStreamEncoder {
public:
    /// Both outlive it. The container's header is not yet written.
    AvStreamEncoder(const OutputFile& output, AVFormatContext& container) : output_(output), container_(container) {}

    /// `stream.name` is the title, where it is not empty.
    Expected<void> open(const LossyFormat& format, const EncodeRequest& request, const PortGroup& stream);
    [[nodiscard]] std::size_t channels() const noexcept { return channels_; }
    Expected<void> write(std::span<const float* const> channels, std::uint32_t frames);
    /// Everything that the codec still holds. No writing afterwards.
    Expected<void> drain();

private:
    Expected<void> open_codec(const LossyFormat& format, const EncodeRequest& request, const ChannelLayout& layout);
    void choose_sample_format(const AVCodec& codec);
    void resample(int rate_hz);
    Expected<void> make_frame();
    Expected<void> take_resampled(std::uint32_t frames);
    Expected<void> take(std::span<const float* const> channels, std::uint32_t frames);
    void copy(const float* in, std::size_t channel, std::uint32_t count);
    Expected<void> send(std::uint32_t frames);
    Expected<void> encode(const AVFrame* frame);

    const OutputFile& output_;
    AVFormatContext& container_;
    AVStream* stream_ = nullptr;  ///< the container's
    std::size_t channels_ = 0;
    CodecPointer codec_;
    FramePointer frame_;
    PacketPointer packet_;
    std::uint32_t capacity_ = 0;   ///< frames of the codec's frame
    std::uint32_t filled_ = 0;
    std::int64_t next_pts_ = 0;

    std::optional<dsp::Resampler> resampler_;
    std::uint64_t resampled_in_ = 0;
    std::uint64_t resampled_out_ = 0;
    std::vector<std::vector<float>> spare_;
    std::vector<float*> spare_pointers_;
};

}  // namespace stemwire::media
