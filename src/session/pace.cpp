// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/pace.hpp"

#include <cstdint>

#include <sys/timerfd.h>
#include <unistd.h>

namespace stemwire::session {

Pace::Pace() : descriptor_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {}

Pace::~Pace()
{
    if (descriptor_ >= 0) close(descriptor_);
}

void Pace::set(std::chrono::milliseconds period) noexcept
{
    if (period == period_ || descriptor_ < 0) return;
    period_ = period;
    const timespec time{period.count() / 1000, period.count() % 1000 * 1'000'000};
    const itimerspec timer{time, time};
    timerfd_settime(descriptor_, 0, &timer, nullptr);
}

void Pace::drain() noexcept
{
    std::uint64_t expirations = 0;
    while (read(descriptor_, &expirations, sizeof expirations) > 0) {}
}

}  // namespace stemwire::session
