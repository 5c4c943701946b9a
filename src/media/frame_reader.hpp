// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "media/media_file.hpp"
#include "media/packet_clock.hpp"
#include "media/sample_converter.hpp"
#include "stemwire/units.hpp"

namespace stemwire::media {

/// The decoded frames of one stream of a file, numbered from 0 as `ffmpeg -i FILE` puts them out: encoder delay and padding are
/// gone. Frame n is the same samples however it is reached; a lossy codec starts early enough to have converged.
/// What is damaged is silence of the same length, and is told in a message. Thread: any but realtime, one at a time.
class FrameReader {
public:
    /// Opens a stream and decodes its first frame. `wanted` empty: the file's own channels.
    [[nodiscard]] static Expected<std::unique_ptr<FrameReader>> open(std::shared_ptr<MediaFile> file, const StreamFacts& stream,
                                                                     const ChannelLayout& wanted);
    ~FrameReader();
    FrameReader(const FrameReader&) = delete;
    FrameReader& operator=(const FrameReader&) = delete;

    [[nodiscard]] int rate_hz() const noexcept { return rate_hz_; }
    [[nodiscard]] std::size_t channels() const noexcept { return converter_.channels(); }
    [[nodiscard]] Frames position() const noexcept { return static_cast<Frames>(position_); }
    /// The number of frames in all, once the end has been seen.
    [[nodiscard]] std::optional<Frames> length() const noexcept { return length_; }
    /// The same, by going to the end where it must; seek afterwards.
    [[nodiscard]] Frames find_length();

    /// The next read begins at this frame.
    void seek(Frames frame);
    /// Writes the next frames to `out[channel]`; fewer than `count` only at the end.
    [[nodiscard]] std::uint32_t read(std::span<float* const> out, std::uint32_t count);

    /// What turned out to be wrong with the file, once, as a sentence that begins with its name.
    [[nodiscard]] std::optional<std::string> take_message() { return std::exchange(message_, std::nullopt); }

private:
    enum class Seeking { by_timestamp, by_index, by_byte };

    FrameReader(std::shared_ptr<MediaFile> file, const StreamFacts& stream);
    [[nodiscard]] Expected<void> open_codec();
    [[nodiscard]] Expected<void> take_first_frame(const ChannelLayout& wanted);

    [[nodiscard]] Expected<void> restart();
    [[nodiscard]] bool jump(std::int64_t frame);
    [[nodiscard]] bool land(std::int64_t frame, const PassOrigin& origin);
    [[nodiscard]] std::optional<PassOrigin> origin_before(std::int64_t frame, std::int64_t early_ms);
    void begin_decoding(PacketFeed feed, bool landing);

    [[nodiscard]] bool next_frame();
    void feed_decoder();
    [[nodiscard]] bool stamp(AVPacket& packet);
    [[nodiscard]] bool place_frame();
    [[nodiscard]] std::int64_t after_damage(std::int64_t stamped);
    [[nodiscard]] std::optional<std::int64_t> stamped_position() const;
    void finish();
    void tell(const std::string& what);
    void tell_damage();
    [[nodiscard]] std::string time_text(std::int64_t frame) const;
    [[nodiscard]] std::int64_t to_frames(double seconds) const;

    std::shared_ptr<MediaFile> file_;
    StreamFacts stream_;
    Seeking seeking_;
    AVRational stamp_base_;  ///< the unit of the timestamps that the decoder sees
    int rate_hz_;
    std::size_t file_channels_ = 0;

    PacketFeed feed_;
    CodecPointer codec_;
    FramePointer frame_;
    PacketPointer packet_;
    PacketClock clock_;
    SampleConverter converter_;

    std::optional<std::int64_t> first_stamp_;  ///< of frame 0
    bool countable_ = true;         ///< every packet's length could be told
    bool synchronised_ = true;      ///< the clock knows at which packet of the file it is
    bool landing_ = false;          ///< after a jump, until a decoded frame has told where we are
    bool draining_ = false;
    bool damaged_ = false;          ///< something was lost since the last decoded frame
    bool ended_ = false;
    bool told_ = false;

    std::int64_t position_ = 0;     ///< what read gives next
    std::int64_t frame_begin_ = 0;  ///< of the decoded frame in hand; before 0 where a seek has met what a fresh start would skip
    std::int64_t frame_end_ = 0;
    std::optional<std::int64_t> limit_;  ///< where padding begins that the decoder does not know of after a jump
    std::int64_t damaged_at_ = 0;   ///< where the message says so
    std::optional<Frames> length_;
    std::optional<std::string> message_;
};

}  // namespace stemwire::media
