// SPDX-License-Identifier: GPL-3.0-or-later
// What a user is told of the system that the host runs in.
#include <utility>

#include <sched.h>

#include "host/pipewire/pipewire_host_impl.hpp"

namespace stemwire::host {

namespace {

/// Measured on 0.3.65 and 1.4.2, and some to spare for the decoders' files.
constexpr std::uint64_t files_per_node = 9;
constexpr std::uint64_t files_beside = 100;

}  // namespace

void PipeWireHost::Impl::check_files(std::size_t nodes)
{
    const std::uint64_t files = files_beside + files_per_node * nodes;
    if (files <= file_limit) return;
    say(std::to_string(nodes) + " nodes need about " + std::to_string(files) + " open files, and only " + std::to_string(file_limit) +
        " are allowed (ulimit -Hn, or nofile in /etc/security/limits.d)");
}

void PipeWireHost::Impl::check_priority()
{
    const auto thread = graph->data_thread();
    if (priority_checked || !thread) return;
    priority_checked = true;
    int policy = SCHED_OTHER;
    sched_param param{};
    pthread_getschedparam(*thread, &policy, &param);
    if ((policy & ~SCHED_RESET_ON_FORK) == SCHED_OTHER)
        say("audio is processed without realtime priority and may drop out under load (rtprio in /etc/security/limits.d, or install rtkit)");
}

void PipeWireHost::Impl::check_quantum()
{
    const bool too_long = clock.quantum() > largest_quantum;
    if (too_long && !quantum_told)
        say("the server's quantum of " + std::to_string(clock.quantum()) + " frames is longer than the " + std::to_string(largest_quantum) + " that a node's buffers hold: all is silent");
    quantum_told = too_long;
}

void PipeWireHost::Impl::check_driver()
{
    const std::uint32_t now = clock.driver();
    if (now == driver) return;
    const auto node = registry->nodes().find(now);
    if (node == registry->nodes().end()) return;
    server.driver = node->second.name;
    if (std::exchange(driver, now) != SPA_ID_INVALID)
        say("driven by " + server.driver + " now, " + std::to_string(clock.rate_hz()) + " Hz, quantum " + std::to_string(clock.quantum()));
}

}  // namespace stemwire::host
