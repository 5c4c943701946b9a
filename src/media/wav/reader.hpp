// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "media/damage_report.hpp"
#include "media/frame_source.hpp"
#include "media/wav/format.hpp"

namespace stemwire::media {

/// A WAVE file's frames. Thread: any but realtime, one at a time.
class WavReader final : public FrameSource {
public:
    [[nodiscard]] static Expected<std::unique_ptr<FrameSource>> open(std::shared_ptr<const ByteFile> file, const WavFormat& format);
    WavReader(std::shared_ptr<const ByteFile> file, const WavFormat& format);

    int rate_hz() const noexcept override { return format_.rate_hz; }
    std::size_t channels() const noexcept override { return format_.channels; }
    Frames position() const noexcept override { return position_; }
    Frames find_length() override { return format_.frames; }
    void seek(Frames frame) override { position_ = frame; }
    std::uint32_t read(std::span<float* const> out, std::uint32_t count) override;
    std::optional<std::string> take_message() override { return report_.take(); }

private:
    [[nodiscard]] bool fetch();
    void convert(std::span<float* const> out, std::uint32_t done, std::uint32_t count) const;
    void finish(int error);

    std::shared_ptr<const ByteFile> file_;
    WavFormat format_;
    DamageReport report_;
    Frames position_ = 0;
    std::vector<std::uint8_t> window_;  ///< some spare bytes, and whole frames
    Frames window_begin_ = 0;
    Frames window_end_ = 0;
};

}  // namespace stemwire::media
