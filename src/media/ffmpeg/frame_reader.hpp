// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "media/damage_report.hpp"
#include "media/ffmpeg/media_file.hpp"
#include "media/ffmpeg/packet_clock.hpp"
#include "media/ffmpeg/sample_converter.hpp"
#include "stemwire/units.hpp"

namespace stemwire::media {

/// A stream as `ffmpeg -i FILE` puts it out. A lossy codec starts early enough to have converged.
class FrameReader final : public FrameSource {
public:
    /// Opens a stream and decodes its first frame. `wanted` empty: the file's own channels.
    [[nodiscard]] static Expected<std::unique_ptr<FrameReader>> open(std::shared_ptr<MediaFile> file, const StreamFacts& stream,
                                                                     const ChannelLayout& wanted);
    ~FrameReader() override;
    FrameReader(const FrameReader&) = delete;
    FrameReader& operator=(const FrameReader&) = delete;

    int rate_hz() const noexcept override { return rate_hz_; }
    std::size_t channels() const noexcept override { return converter_.channels(); }
    Frames position() const noexcept override { return static_cast<Frames>(position_); }
    Frames find_length() override;
    void seek(Frames frame) override;
    void rest() override;
    std::uint32_t read(std::span<float* const> out, std::uint32_t count) override;
    std::optional<std::string> take_message() override { return report_.take(); }

    /// The number of frames in all, once the end has been seen.
    [[nodiscard]] std::optional<Frames> length() const noexcept { return length_; }

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
    void tell_damage();
    [[nodiscard]] std::int64_t to_frames(double seconds) const;

    std::shared_ptr<MediaFile> file_;
    StreamFacts stream_;
    DamageReport report_;
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

    std::int64_t position_ = 0;     ///< what read gives next
    std::int64_t frame_begin_ = 0;  ///< of the decoded frame in hand; before 0 where a seek has met what a fresh start would skip
    std::int64_t frame_end_ = 0;
    std::optional<std::int64_t> limit_;  ///< where padding begins that the decoder does not know of after a jump
    std::optional<Frames> length_;
};

}  // namespace stemwire::media
