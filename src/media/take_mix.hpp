// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "media/rate_source.hpp"
#include "media/take_plan.hpp"

namespace stemwire::media {

/// The takes of a track as one stream of frames at the graph's rate, numbered from 0: frame k has the same value however it is reached.
/// Takes that are not heard are at rest and cost nothing; a single take comes through untouched. Thread: any but realtime, one at a time.
class TakeMix {
public:
    /// `rows` as plan_takes makes them. All takes have the same number of channels.
    TakeMix(std::vector<std::unique_ptr<RateSource>> takes, std::vector<TakeRow> rows);

    [[nodiscard]] std::size_t channels() const noexcept { return spare_.size(); }
    [[nodiscard]] Frames position() const noexcept { return position_; }
    /// The next read begins at this frame.
    void seek(Frames frame);
    /// Writes the next frames to `out[channel]`; fewer than `count` only at the end.
    [[nodiscard]] std::uint32_t read(std::span<float* const> out, std::uint32_t count);
    /// The number of frames in all, once a read has met the end.
    [[nodiscard]] std::optional<Frames> length() const noexcept { return length_; }
    [[nodiscard]] std::optional<std::string> take_message();

    /// Gives the takes back, to be played at another rate.
    [[nodiscard]] std::vector<std::unique_ptr<Excerpt>> release();

private:
    /// The frames of one read in which the weights move along one line.
    struct Stretch {
        std::size_t row;
        std::uint32_t frames;
        bool fades;
        bool last;  ///< nothing is drawn any more
    };

    [[nodiscard]] Stretch stretch_at(Frames frame, std::uint32_t count) const;
    [[nodiscard]] std::uint32_t mix(const Stretch& stretch, std::span<float* const> out);
    [[nodiscard]] std::uint32_t add(RateSource& take, std::span<float* const> out, std::uint32_t frames, float from, float step);
    [[nodiscard]] std::optional<std::size_t> only_take(const Stretch& stretch) const;
    void rest_unheard(const Stretch& stretch);
    void note_end();

    std::vector<std::unique_ptr<RateSource>> takes_;
    std::vector<TakeRow> rows_;
    std::vector<bool> awake_;  ///< [take]
    std::optional<std::size_t> rested_for_;  ///< the row whose unheard takes are at rest
    Frames position_ = 0;
    std::optional<Frames> length_;
    std::vector<std::vector<float>> spare_;  ///< [channel][frame]
    std::vector<float*> spare_at_;
};

}  // namespace stemwire::media
