// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace stemwire::session {

/// The longest that a processor may take to wake from idle while realtime threads wait on it, as fits the machine (docs/decisions/0031): 0, so
/// that processors do not fall asleep, where the kernel says that to sleep is to leave a virtual machine, else 10 µs.
[[nodiscard]] std::chrono::microseconds usual_cpu_latency();

/// While this lives, no processor of the machine enters a state of idleness that takes longer to wake from. The kernel takes the strictest
/// of all that programs ask for. Thread: any.
class CpuLatency {
public:
    explicit CpuLatency(std::chrono::microseconds longest);
    ~CpuLatency();
    CpuLatency(const CpuLatency&) = delete;
    CpuLatency& operator=(const CpuLatency&) = delete;

    /// False where the kernel has no such wish, or this user may not have it.
    [[nodiscard]] bool held() const noexcept { return device_ >= 0; }

private:
    int device_;  ///< the wish is forgotten when it is closed
};

}  // namespace stemwire::session
