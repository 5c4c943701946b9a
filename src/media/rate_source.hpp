// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dsp/resampler.hpp"
#include "media/excerpt.hpp"

namespace stemwire::media {

/// An excerpt at the graph's rate, its frames numbered from 0: frame k has the same value however it is reached. Where the rates
/// are equal the file's own samples come through untouched. Thread: any but realtime, one at a time.
class RateSource {
public:
    RateSource(std::unique_ptr<Excerpt> excerpt, double rate_hz, dsp::ResamplerQuality quality);

    [[nodiscard]] Frames position() const noexcept { return position_; }
    /// The next read begins at this frame. Costs nothing where it does already.
    void seek(Frames frame);
    /// Writes the next frames to `out[channel]`; fewer than `count` only at the end.
    [[nodiscard]] std::uint32_t read(std::span<float* const> out, std::uint32_t count);
    /// The number of frames in all, once a read has met the end.
    [[nodiscard]] std::optional<Frames> length() const noexcept { return length_; }

    /// Lets go of what a place in the file costs, until the next seek, which must come before a read.
    void rest();

    [[nodiscard]] std::size_t channels() const noexcept { return excerpt_->channels(); }
    [[nodiscard]] Excerpt& excerpt() noexcept { return *excerpt_; }
    /// Gives the excerpt back, to be played at another rate.
    [[nodiscard]] std::unique_ptr<Excerpt> release() { return std::move(excerpt_); }

private:
    [[nodiscard]] std::uint32_t read_resampled(std::span<float* const> out, std::uint32_t count);
    void refill();
    void note_end(Frames if_unknown);

    std::unique_ptr<Excerpt> excerpt_;
    double ratio_;  ///< of the excerpt's rate to the graph's
    std::optional<dsp::Resampler> resampler_;
    Frames position_ = 0;
    std::optional<Frames> length_;

    std::vector<std::vector<float>> input_;  ///< [channel][frame]: read and not yet resampled are input_at_ … input_end_ − 1
    std::uint32_t input_at_ = 0;
    std::uint32_t input_end_ = 0;
    bool input_ended_ = false;
};

}  // namespace stemwire::media
