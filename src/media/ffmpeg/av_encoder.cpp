// SPDX-License-Identifier: GPL-3.0-or-later
#include <deque>

#include <unistd.h>

#include "media/encoders.hpp"
#include "media/ffmpeg/av_stream_encoder.hpp"

namespace stemwire::media {

namespace {

struct Dictionary {
    AVDictionary* entries = nullptr;
    ~Dictionary() { av_dict_free(&entries); }
    void set(const char* key, const char* value) { av_dict_set(&entries, key, value, 0); }
};

/// Opus, MP3, AAC, and FLAC in Matroska, by FFmpeg.
class AvEncoder final : public Encoder {
public:
    explicit AvEncoder(const EncodeRequest& request) : output_(request.file, appearance(request)), grows_(request.grows) {}

    Expected<void> open(const EncodeRequest& request, const LossyFormat& format)
    {
        silence_ffmpeg();
        const auto descriptor = output_.open();
        if (!descriptor) return tl::unexpected(descriptor.error());
        ::close(*descriptor);  // FFmpeg opens it by its name
        AVFormatContext* container = nullptr;
        if (const int error = avformat_alloc_output_context2(&container, nullptr, format.container, output_.temporary().c_str());
            error < 0)
            return output_.failed(av_words(error));
        container_.reset(container);
        std::vector<PortGroup> wanted = request.streams;
        if (wanted.empty()) wanted.push_back({"", request.layout});
        for (const PortGroup& stream : wanted)
            if (auto opened = streams_.emplace_back(output_, *container_).open(format, request, stream); !opened) return opened;
        return open_container();
    }

    Expected<void> write(std::span<const float* const> channels, std::uint32_t frames) override
    {
        for (AvStreamEncoder& stream : streams_) {
            if (auto written = stream.write(channels.first(stream.channels()), frames); !written) return written;
            channels = channels.subspan(stream.channels());
        }
        return {};
    }

    /// Muxers that collect packets write what they have at least every half second, and FFmpeg hands that on at once.
    Expected<void> checkpoint() override { return {}; }

    Expected<void> finish() override
    {
        for (AvStreamEncoder& stream : streams_)
            if (auto drained = stream.drain(); !drained) return drained;
        if (const int error = av_write_trailer(container_.get()); error < 0) return output_.failed(av_words(error));
        if (const int error = avio_closep(&container_->pb); error < 0) return output_.failed(av_words(error));
        return output_.commit();
    }

    const std::string& temporary_file() const noexcept override { return output_.temporary(); }

private:
    Expected<void> open_container()
    {
        if (const int error = avio_open(&container_->pb, output_.temporary().c_str(), AVIO_FLAG_WRITE); error < 0)
            return output_.failed(av_words(error));
        Dictionary options;
        if (grows_) {
            container_->flags |= AVFMT_FLAG_FLUSH_PACKETS;
            options.set("movflags", "delay_moov+default_base_moof");  // the first fragment knows the codec's delay
            options.set("frag_duration", "500000");                   // µs, of MP4
            options.set("cluster_time_limit", "500");                 // ms, of Matroska
            options.set("page_duration", "200000");                   // µs, of Ogg
        }
        if (const int error = avformat_write_header(container_.get(), &options.entries); error < 0) return output_.failed(av_words(error));
        return {};
    }

    OutputFile output_;
    bool grows_;
    OutputPointer container_;
    std::deque<AvStreamEncoder> streams_;
};

}  // namespace

Expected<std::unique_ptr<Encoder>> make_av_encoder(const EncodeRequest& request, const LossyFormat& format)
{
    auto encoder = std::make_unique<AvEncoder>(request);
    if (const auto opened = encoder->open(request, format); !opened) return tl::unexpected(opened.error());
    return encoder;
}

}  // namespace stemwire::media
