// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "host/clock_map.hpp"
#include "stemwire/units.hpp"

namespace stemwire::host {

/// Makes one session clock out of JACK's 32-bit frame times: it never goes back, and goes on where it stood when the server was restarted or
/// another driver counts. All clients of a session share one, and several may ask at a time.
class FrameClock {
public:
    /// The session's frame at which the cycle with this frame time begins: the same for every client that asks in this cycle. `seen` is the end
    /// of the asking client's cycle before; a jump back, or by more than `longest_gap` frames, is another beginning and not lost time.
    /// Guarantee: lock-free; who fails to write has been overtaken by a client that wrote the same.
    Frames enter(std::uint32_t frame_time, std::uint32_t frames, Frames seen, std::uint32_t longest_gap) noexcept;
    /// The next cycle begins where the last one ended. While no client processes.
    void restart() noexcept;
    /// One clock for several processes. Before any client processes.
    void share(const SharedClock& shared) noexcept { shared_ = shared; }

    /// The end of the latest cycle. Any thread, wait-free.
    [[nodiscard]] Frames end() const noexcept { return end_.load(std::memory_order_acquire); }

private:
    [[nodiscard]] Frames count(std::uint32_t frame_time, Frames seen, std::uint32_t longest_gap) noexcept;
    [[nodiscard]] std::optional<ClockMap> read_map() const noexcept;
    [[nodiscard]] Frames adopt(Frames frame, std::uint32_t frame_time, Frames seen) noexcept;
    void publish(Frames begin, std::uint32_t frame_time) noexcept;
    void raise_end(Frames end) noexcept;

    std::atomic<std::uint64_t> anchor_{0};  ///< 0: none yet; else the 32 bits of (session frame − frame time), and a bit above them
    std::atomic<Frames> end_{0};
    SharedClock shared_{};
    std::atomic<bool> publishing_{false};
};

}  // namespace stemwire::host
