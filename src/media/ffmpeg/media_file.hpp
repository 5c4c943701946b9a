// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "media/ffmpeg/demux_pass.hpp"
#include "media/ffmpeg/packet_index.hpp"
#include "media/frame_source.hpp"

namespace stemwire::media {

class MediaFile;

/// The packets of one stream in the order of the file, from a pass's origin on. When the pass gives its reader up it opens one of
/// its own and goes on with the very next packet. Thread: any but realtime, one at a time.
class PacketFeed {
public:
    PacketFeed() = default;
    PacketFeed(MediaFile& file, int stream, std::shared_ptr<DemuxPass> pass, DemuxPass::Seat seat)
        : file_(&file), stream_(stream), pass_(std::move(pass)), seat_(seat) {}
    ~PacketFeed() { leave(); }
    PacketFeed(PacketFeed&& other) noexcept { *this = std::move(other); }
    PacketFeed& operator=(PacketFeed&& other) noexcept;

    [[nodiscard]] explicit operator bool() const noexcept { return pass_ != nullptr; }
    /// 0 and a packet, AVERROR_EOF, or what went wrong.
    [[nodiscard]] int next(AVPacket& packet);

private:
    [[nodiscard]] int go_on_alone(AVPacket& packet);
    [[nodiscard]] int skip_past(const DemuxPass::Mark& mark, AVPacket& packet);
    void leave() noexcept;

    MediaFile* file_ = nullptr;
    int stream_ = 0;
    std::shared_ptr<DemuxPass> pass_;
    DemuxPass::Seat seat_ = 0;
};

/// What a container says of one audio stream.
struct StreamFacts {
    int index = 0;  ///< in the file, all kinds of streams counted
    const AVCodecParameters* codec = nullptr;
    AVRational time_base{};
    std::optional<double> seconds{};  ///< only where the file says it, not where it would be guessed
};

/// A file that any number of tracks play: its open passes, contexts that wait to be used again, and its packet index.
/// Guarantee: blocking; any number of threads but realtime ones.
class MediaFile final : public SourceFile, public std::enable_shared_from_this<MediaFile> {
public:
    [[nodiscard]] static Expected<std::shared_ptr<MediaFile>> open(const std::string& path);
    explicit MediaFile(std::string path, FormatPointer format);

    Expected<std::unique_ptr<FrameSource>> open_stream(std::size_t stream, const ChannelLayout& wanted) override;

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] PacketIndex& index() noexcept { return index_; }
    [[nodiscard]] const std::string& format() const noexcept { return format_; }
    /// The audio streams in the order of the file.
    [[nodiscard]] std::span<const StreamFacts> streams() const noexcept { return streams_; }
    /// How long before its place a seek must begin for the slowest of the file's codecs to have converged, in milliseconds.
    [[nodiscard]] std::int64_t preroll_ms() const noexcept { return preroll_ms_; }

    /// Tells how many readers to expect of each stream (an index in the file).
    void add_reader(int stream);
    void remove_reader(int stream);

    /// The packets of a stream from an origin on, shared with those who read from the same origin.
    [[nodiscard]] Expected<PacketFeed> feed(int stream, const PassOrigin& origin);
    /// The same, shared with nobody.
    [[nodiscard]] Expected<PacketFeed> private_feed(int stream, const PassOrigin& origin);

private:
    friend class PacketFeed;

    [[nodiscard]] Expected<FormatPointer> context(const PassOrigin& origin);
    [[nodiscard]] Expected<std::shared_ptr<DemuxPass>> begin_pass(const PassOrigin& origin, bool shared, int stream);
    void recycle(std::shared_ptr<DemuxPass> pass);

    std::string path_;
    std::string format_;  ///< FFmpeg's name
    PacketIndex index_;
    std::vector<AvPointer<AVCodecParameters>> codecs_;
    std::vector<StreamFacts> streams_;
    std::int64_t preroll_ms_ = 0;
    std::mutex mutex_;
    std::vector<int> readers_;  ///< the stream of each
    std::vector<std::shared_ptr<DemuxPass>> passes_;
    std::vector<FormatPointer> idle_;
    FormatPointer fresh_;  ///< opened and not yet read
};

}  // namespace stemwire::media
