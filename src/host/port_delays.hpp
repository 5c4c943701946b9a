// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "host/delay_line.hpp"
#include "rt/handover.hpp"

namespace stemwire::host {

/// Delays for all inputs, or all outputs, of a node, which may be changed while audio flows: new lines are filled beside the old, then
/// faded to over a few milliseconds.
class PortDelays {
public:
    /// One delay in frames for each port; ports beyond `frames` have none. Allocates for pieces of at most `max_frames`.
    PortDelays(std::size_t ports, std::span<const std::uint32_t> frames, std::uint32_t max_frames, std::uint32_t fade_frames);
    ~PortDelays();

    // Control's side.
    /// Does nothing where they are so already.
    void change(std::span<const std::uint32_t> frames);
    void collect() { handover_.collect(); }

    // The realtime side, for each piece: begin, then every port once, then end. Guarantee: wait-free.
    void begin() noexcept;
    /// The port's samples, delayed: `in` itself where there is no delay, else in a buffer that is valid until the next piece.
    [[nodiscard]] const float* process(std::size_t port, const float* in, std::uint32_t frames) noexcept { return delays_ ? delay(port, in, frames) : in; }
    void end(std::uint32_t frames) noexcept;

private:
    struct Lines {
        std::vector<DelayLine> lines;              ///< [port]
        std::vector<std::vector<float>> delayed;   ///< [port][frame]
        std::uint32_t longest = 0;
    };
    [[nodiscard]] std::unique_ptr<Lines> make(std::span<const std::uint32_t> frames) const;
    [[nodiscard]] const float* delay(std::size_t port, const float* in, std::uint32_t frames) noexcept;
    [[nodiscard]] static const float* run(Lines& lines, std::size_t port, const float* in, std::uint32_t frames) noexcept;
    void fade(const float* from, const float* to, float* out, std::uint32_t frames) const noexcept;

    std::size_t ports_;
    std::uint32_t max_frames_;
    std::uint32_t fade_frames_;
    std::vector<std::uint32_t> wanted_;            ///< control's: the latest delays, one for each port

    // The realtime side's own, beside what it looks at in the handover: most nodes have no delays, and then need no other line of the cache.
    Lines* active_;
    Lines* next_ = nullptr;
    bool delays_;                                  ///< some port, or there is something to fade to
    std::uint32_t fed_ = 0;                        ///< frames that the next lines have been given
    rt::Handover<Lines> handover_;
};

}  // namespace stemwire::host
