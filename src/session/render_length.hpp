// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "media/decode_pool.hpp"
#include "session/instance.hpp"

namespace stemwire::session {

/// Decides where a render ends. Every output asks it, from any worker; all get the same answer.
class RenderLength {
public:
    /// `wanted`: frames that the user asked for; nothing: to the end of what plays. `instance` outlives it.
    RenderLength(const Instance& instance, std::optional<Frames> wanted);

    /// A file that stands for a live input: the render lasts at least as long. Before the render begins.
    void also_ends_with(const media::DecodedStream& input) { inputs_.push_back(&input); }

    /// Frames in all, once known; `endless` where nothing ever ends.
    [[nodiscard]] std::optional<Frames> total();
    /// Tells what the main output heard up to frame `done`: a graph with feedback has no computable end, and is over when it is quiet.
    void heard(Frames done, std::uint32_t frames, float peak);

private:
    [[nodiscard]] std::optional<Frames> end() const;

    const Instance& instance_;
    std::vector<const media::DecodedStream*> inputs_;
    std::mutex mutex_;
    std::optional<Frames> nominal_;  ///< without what feeds back
    bool feedback_;
    Frames quiet_frames_ = 0;
};

/// Cuts what an output hears to the timeline: takes the path's latency off the front and stops at the length.
class RenderWindow {
public:
    RenderWindow(RenderLength& length, Frames latency) : length_(length), latency_(latency) {}

    struct Part {
        std::uint32_t offset;  ///< first frame of the block that is wanted
        std::uint32_t frames;
        bool more;             ///< more is wanted after this block
    };
    [[nodiscard]] Part part(Frames clock, std::uint32_t frames) const;

private:
    RenderLength& length_;
    Frames latency_;
};

}  // namespace stemwire::session
