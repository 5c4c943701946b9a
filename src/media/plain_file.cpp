// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/plain_file.hpp"

#include <algorithm>

#include "media/ffmpeg.hpp"
#include "media/flac/reader.hpp"
#include "media/wav/reader.hpp"

namespace stemwire::media {

namespace {

/// A single channel on every one that is wanted.
class SpreadSource final : public FrameSource {
public:
    SpreadSource(std::unique_ptr<FrameSource> mono, std::size_t channels) : mono_(std::move(mono)), channels_(channels) {}

    int rate_hz() const noexcept override { return mono_->rate_hz(); }
    std::size_t channels() const noexcept override { return channels_; }
    Frames position() const noexcept override { return mono_->position(); }
    Frames find_length() override { return mono_->find_length(); }
    void seek(Frames frame) override { mono_->seek(frame); }
    std::uint32_t read(std::span<float* const> out, std::uint32_t count) override
    {
        const std::uint32_t got = mono_->read(out.first(1), count);
        for (float* plane : out.subspan(1)) std::copy_n(out.front(), got, plane);
        return got;
    }
    std::optional<std::string> take_message() override { return mono_->take_message(); }

private:
    std::unique_ptr<FrameSource> mono_;
    std::size_t channels_;
};

std::optional<double> seconds(std::uint64_t frames, int rate_hz)
{
    return frames > 0 ? std::optional(static_cast<double>(frames) / rate_hz) : std::nullopt;
}

}  // namespace

Expected<std::shared_ptr<PlainFile>> PlainFile::open(const std::string& path)
{
    auto file = ByteFile::open(path);
    if (!file) return tl::unexpected(file.error());
    if (auto wav = read_wav_format(**file)) return std::make_shared<PlainFile>(std::move(*file), std::move(*wav));
    if (auto flac = read_flac_stream(**file)) return std::make_shared<PlainFile>(std::move(*file), std::move(*flac));
    return nullptr;
}

const ChannelLayout& PlainFile::layout() const
{
    return std::visit([](const auto& format) -> const ChannelLayout& { return format.layout; }, format_);
}

Expected<std::unique_ptr<FrameSource>> PlainFile::open_reader() const
{
    if (const auto* wav = std::get_if<WavFormat>(&format_)) return WavReader::open(file_, *wav);
    return FlacReader::open(file_, std::get<FlacStream>(format_));
}

Expected<std::unique_ptr<FrameSource>> PlainFile::open_stream(std::size_t stream, const ChannelLayout& wanted)
{
    if (stream > 0) return tl::unexpected(Error{"has changed while it was opened", file_->path()});
    const bool is_mixed = !wanted.empty() && wanted != layout() && !layout().is_mono();
    if (is_mixed) {  // by FFmpeg's matrix
        const auto module = ffmpeg();
        if (!module) return tl::unexpected(Error{module.error().message, file_->path()});
        const auto file = (*module)->open(file_->path());
        return file ? (*file)->open_stream(stream, wanted) : tl::unexpected(file.error());
    }
    auto reader = open_reader();
    if (!reader || wanted.empty() || wanted == layout()) return reader;
    return std::make_unique<SpreadSource>(std::move(*reader), wanted.size());
}

FileInfo PlainFile::info() const
{
    FileInfo info{.path = file_->path()};
    StreamInfo& stream = info.streams.emplace_back();
    if (const auto* wav = std::get_if<WavFormat>(&format_)) {
        info.format = "wav";
        stream.codec = codec_name(wav->sample);
        stream.rate_hz = wav->rate_hz;
        stream.seconds = seconds(wav->declared > 0 ? wav->declared : wav->frames, wav->rate_hz);
    } else {
        const auto& flac = std::get<FlacStream>(format_);
        info.format = stream.codec = "flac";
        stream.rate_hz = flac.rate_hz;
        stream.seconds = seconds(flac.frames, flac.rate_hz);
    }
    stream.layout = layout();
    info.seconds = stream.seconds;
    return info;
}

}  // namespace stemwire::media
