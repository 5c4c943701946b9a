// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "media/damage_report.hpp"
#include "media/flac/frames.hpp"
#include "media/frame_source.hpp"

namespace stemwire::media {

/// A FLAC file's frames. Thread: any but realtime, one at a time.
class FlacReader final : public FrameSource {
public:
    [[nodiscard]] static Expected<std::unique_ptr<FrameSource>> open(std::shared_ptr<const ByteFile> file, const FlacStream& stream);
    FlacReader(std::shared_ptr<const ByteFile> file, const FlacStream& stream);

    int rate_hz() const noexcept override { return stream_.rate_hz; }
    std::size_t channels() const noexcept override { return stream_.channels; }
    Frames position() const noexcept override { return position_; }
    Frames find_length() override;
    void seek(Frames frame) override;
    std::uint32_t read(std::span<float* const> out, std::uint32_t count) override;
    std::optional<std::string> take_message() override { return report_.take(); }

private:
    [[nodiscard]] bool next_frame();
    void place(const FlacFrames::Frame& frame);
    void finish();
    [[nodiscard]] std::uint64_t byte_before(Frames frame);
    [[nodiscard]] Frames counted(const FlacFrames::Frame& frame) const noexcept { return frame.first > origin_ ? frame.first - origin_ : 0; }

    std::shared_ptr<const ByteFile> file_;
    FlacStream stream_;
    FlacFrames frames_;
    DamageReport report_;
    Frames origin_ = 0;       ///< what the file calls its first sample
    Frames position_ = 0;
    Frames frame_begin_ = 0;  ///< of the decoded frame in hand
    Frames frame_end_ = 0;
    bool landing_ = true;     ///< the next frame says where it stands
    bool damaged_ = false;    ///< something was lost since the last frame
    bool ended_ = false;
    std::optional<Frames> length_;
};

}  // namespace stemwire::media
