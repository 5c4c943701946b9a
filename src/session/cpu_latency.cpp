// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/cpu_latency.hpp"

#include <cstdint>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace stemwire::session {

namespace {

/// The kernel's documentation: admin-guide/pm/cpuidle, "Power Management Quality of Service for CPUs".
constexpr const char* device_path = "/dev/cpu_dma_latency";
constexpr const char* governor_path = "/sys/devices/system/cpu/cpuidle/current_governor";
/// That of virtual machines.
constexpr const char* guest_governor = "haltpoll";
/// Leaves the first states, of a few µs, and nothing that powers a core down.
constexpr std::chrono::microseconds shallow{10};

}  // namespace

std::chrono::microseconds usual_cpu_latency()
{
    std::string governor;
    std::ifstream(governor_path) >> governor;
    return governor == guest_governor ? std::chrono::microseconds(0) : shallow;
}

CpuLatency::CpuLatency(std::chrono::microseconds longest) : device_(open(device_path, O_WRONLY | O_CLOEXEC))
{
    const auto wish = static_cast<std::int32_t>(longest.count());
    if (device_ < 0 || write(device_, &wish, sizeof wish) == sizeof wish) return;
    close(device_);
    device_ = -1;
}

CpuLatency::~CpuLatency()
{
    if (device_ >= 0) close(device_);
}

}  // namespace stemwire::session
