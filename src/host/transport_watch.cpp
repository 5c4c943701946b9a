// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/transport_watch.hpp"

namespace stemwire::host {

void TransportWatch::see(const CycleStart& start, std::uint32_t frames) noexcept
{
    // Others of this cycle would say the same.
    const auto& [clock, place] = start;
    if (seen_.load(std::memory_order_relaxed) == clock || seeing_.exchange(true, std::memory_order_acquire)) return;
    seen_.store(clock, std::memory_order_relaxed);
    if (now_.moves == 0 || clock > now_.clock) {
        const bool keeps_its_offset = now_.rolling && place.frame - clock == now_.frame - now_.clock;
        const bool same = now_.moves > 0 && place.rolling == now_.rolling && (place.frame == expected_ || keeps_its_offset);
        now_.rolling = place.rolling;
        now_.frame = place.frame;
        now_.clock = clock;
        if (!same) {
            now_.since_frame = place.frame;
            now_.since_clock = clock;
            now_.since_length = frames;
            ++now_.moves;
        }
        expected_ = place.frame + (place.rolling ? frames : 0);
        published_.set(now_);
    }
    seeing_.store(false, std::memory_order_release);
}

}  // namespace stemwire::host
