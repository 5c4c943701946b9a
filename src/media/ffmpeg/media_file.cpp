// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/ffmpeg/media_file.hpp"

#include <algorithm>
#include <span>

#include "media/ffmpeg/frame_reader.hpp"

namespace stemwire::media {

namespace {

constexpr std::size_t most_idle = 2;  // a loop needs one context for the join while another still reads

/// Until what is decoded after a seek is the same as without one, to −90 dB at least. Half a second was chosen and suffices for
/// MP3, AAC, Vorbis and Opus: Reading.after_a_seek_gives_the_same_samples_as_reading_on.
std::int64_t preroll_ms_of(AVCodecID codec)
{
    const AVCodecDescriptor* about = avcodec_descriptor_get(codec);
    const bool depends_on_the_past = about == nullptr || (about->props & AV_CODEC_PROP_LOSSY) != 0;
    return depends_on_the_past ? 500 : 0;
}

std::optional<double> declared_seconds(const AVFormatContext& format, const AVStream& stream)
{
    if (format.duration_estimation_method == AVFMT_DURATION_FROM_BITRATE) return std::nullopt;
    if (stream.duration > 0) return static_cast<double>(stream.duration) * av_q2d(stream.time_base);
    if (format.nb_streams > 1 || format.duration <= 0) return std::nullopt;
    return static_cast<double>(format.duration) / AV_TIME_BASE;
}

/// At the beginning, readers of streams that nobody has asked for yet are expected too: a preset opens its tracks one by one.
std::vector<int> expected_at(const PassOrigin& origin, const AVFormatContext& format, std::span<const int> readers)
{
    std::vector<int> expected(readers.begin(), readers.end());
    if (origin.kind != PassOrigin::Kind::beginning) return expected;
    for (const AVStream* stream : std::span(format.streams, format.nb_streams)) {
        const bool is_audio = stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
        if (is_audio && std::ranges::find(expected, stream->index) == expected.end()) expected.push_back(stream->index);
    }
    return expected;
}

}  // namespace

PacketFeed& PacketFeed::operator=(PacketFeed&& other) noexcept
{
    if (this == &other) return *this;
    leave();
    file_ = other.file_;
    stream_ = other.stream_;
    pass_ = std::move(other.pass_);
    seat_ = other.seat_;
    return *this;
}

void PacketFeed::leave() noexcept
{
    if (!pass_) return;
    pass_->leave(seat_);
    file_->recycle(std::move(pass_));
}

int PacketFeed::next(AVPacket& packet)
{
    const auto next = pass_->next(seat_, packet);
    return next.result == DemuxPass::Result::given_up ? go_on_alone(packet) : next.error;
}

int PacketFeed::go_on_alone(AVPacket& packet)
{
    const auto mark = pass_->mark(seat_);
    const PassOrigin origin = pass_->origin();
    const bool can_be_found = mark.position >= 0 || mark.read == 0 || origin.kind == PassOrigin::Kind::beginning;
    // A seek may lead elsewhere when the other streams are not read, so the packet is looked for from the beginning.
    auto alone = file_->private_feed(stream_, mark.read == 0 ? origin : PassOrigin{});
    if (!alone || !can_be_found) return AVERROR(EIO);
    *this = std::move(*alone);
    const int skipped = skip_past(mark, packet);
    return skipped < 0 ? skipped : next(packet);
}

int PacketFeed::skip_past(const DemuxPass::Mark& mark, AVPacket& packet)
{
    const auto is_reached = [&](const DemuxPass::Mark& now) {
        if (mark.position < 0 || mark.read == 0) return now.read == mark.read;
        return now.position == mark.position && now.of_position == mark.of_position;
    };
    while (!is_reached(pass_->mark(seat_)))
        if (const int error = next(packet); error < 0) return error;
    return 0;
}

Expected<std::shared_ptr<MediaFile>> MediaFile::open(const std::string& path)
{
    auto format = open_input(path);
    if (!format) return tl::unexpected(format.error());
    return std::make_shared<MediaFile>(path, std::move(*format));
}

MediaFile::MediaFile(std::string path, FormatPointer format)
    : path_(std::move(path)), format_(format->iformat->name), index_(path_), fresh_(std::move(format))
{
    for (const AVStream* stream : std::span(fresh_->streams, fresh_->nb_streams)) {
        if (stream->codecpar->codec_type != AVMEDIA_TYPE_AUDIO) continue;
        codecs_.emplace_back(avcodec_parameters_alloc());
        avcodec_parameters_copy(codecs_.back().get(), stream->codecpar);
        streams_.push_back({stream->index, codecs_.back().get(), stream->time_base, declared_seconds(*fresh_, *stream)});
        preroll_ms_ = std::max(preroll_ms_, preroll_ms_of(stream->codecpar->codec_id));
    }
}

Expected<std::unique_ptr<FrameSource>> MediaFile::open_stream(std::size_t stream, const ChannelLayout& wanted)
{
    if (stream >= streams_.size()) return tl::unexpected(Error{"has changed while it was opened", path_});
    return FrameReader::open(shared_from_this(), streams_[stream], wanted);
}

void MediaFile::add_reader(int stream)
{
    const std::scoped_lock lock(mutex_);
    readers_.push_back(stream);
}

void MediaFile::remove_reader(int stream)
{
    const std::scoped_lock lock(mutex_);
    if (const auto reader = std::ranges::find(readers_, stream); reader != readers_.end()) readers_.erase(reader);
}

Expected<FormatPointer> MediaFile::context(const PassOrigin& origin)
{
    // Only a fresh context tells the padding at a file's beginning; a seek back to it does not.
    if (fresh_) return std::move(fresh_);
    if (origin.kind == PassOrigin::Kind::beginning || idle_.empty()) return open_input(path_);
    FormatPointer format = std::move(idle_.back());
    idle_.pop_back();
    return format;
}

Expected<std::shared_ptr<DemuxPass>> MediaFile::begin_pass(const PassOrigin& origin, bool shared, int stream)
{
    auto format = context(origin);
    if (!format) return tl::unexpected(format.error());
    const auto streams = shared ? expected_at(origin, **format, readers_) : std::vector<int>{stream};
    auto pass = std::make_shared<DemuxPass>(std::move(*format), origin, streams);
    if (const int begun = pass->begin(); begun < 0) return tl::unexpected(Error{av_problem(begun), path_});
    return pass;
}

Expected<PacketFeed> MediaFile::feed(int stream, const PassOrigin& origin)
{
    const std::scoped_lock lock(mutex_);
    for (const auto& pass : passes_) {
        if (!pass->origin().same_as(origin)) continue;
        if (const auto seat = pass->take_seat(stream)) return PacketFeed(*this, stream, pass, *seat);
    }
    auto pass = begin_pass(origin, true, stream);
    if (!pass) return tl::unexpected(pass.error());
    passes_.push_back(*pass);
    return PacketFeed(*this, stream, *pass, (*pass)->take_seat(stream).value());
}

Expected<PacketFeed> MediaFile::private_feed(int stream, const PassOrigin& origin)
{
    const std::scoped_lock lock(mutex_);
    auto pass = begin_pass(origin, false, stream);
    if (!pass) return tl::unexpected(pass.error());
    return PacketFeed(*this, stream, *pass, (*pass)->take_seat(stream).value());
}

void MediaFile::recycle(std::shared_ptr<DemuxPass> pass)
{
    const std::scoped_lock lock(mutex_);
    if (!pass->deserted()) return;
    std::erase(passes_, pass);
    if (FormatPointer format = pass->release(); format && idle_.size() < most_idle) idle_.push_back(std::move(format));
}

}  // namespace stemwire::media
