// SPDX-License-Identifier: GPL-3.0-or-later

// For LD_PRELOAD into a program that has nodes on a PipeWire graph: watches each of their cycles. When the program ends, standard error gets
// `realtime guard: CYCLES cycles, OFFENCES offences` and where the first of them came from. STEMWIRE_GUARD_BITE=1 makes each cycle offend, to show that it is watched.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>

#include <dlfcn.h>
#include <execinfo.h>
#include <pipewire/filter.h>
#include <unistd.h>

#include "tests/support/realtime_guard.hpp"

namespace {

using stemwire::test::RealtimeGuard;
using Process = void (*)(void*, spa_io_position*);

struct Where {
    const char* call = nullptr;
    std::array<void*, 16> stack{};
    int depth = 0;
};

std::atomic<std::uint64_t> cycles = 0;
std::atomic<std::size_t> offences = 0;
std::array<Where, 8> first;
std::atomic<Process> watched = nullptr;
const bool bite = std::getenv("STEMWIRE_GUARD_BITE") != nullptr;

void note(const char* call) noexcept
{
    const std::size_t number = offences.fetch_add(1);
    if (number >= first.size()) return;
    first[number].depth = backtrace(first[number].stack.data(), static_cast<int>(first[number].stack.size()));
    first[number].call = call;
}

void watch_cycle(void* data, spa_io_position* position)
{
    const RealtimeGuard guard;
    watched.load(std::memory_order_acquire)(data, position);
    if (bite) {
        void* volatile memory = std::malloc(1);
        std::free(memory);
    }
    cycles.fetch_add(1, std::memory_order_relaxed);
}

struct Report {
    Report()
    {
        // The first call loads a library.
        std::array<void*, 1> stack{};
        static_cast<void>(backtrace(stack.data(), 1));
        stemwire::test::tell_offences_to(&note);
    }
    ~Report()
    {
        stemwire::test::tell_offences_to(nullptr);
        if (cycles == 0) return;
        std::fprintf(stderr, "realtime guard: %llu cycles, %zu offences\n", static_cast<unsigned long long>(cycles), offences.load());
        for (std::size_t i = 0; i < std::min(offences.load(), first.size()); ++i) {
            std::fprintf(stderr, "%s from\n", first[i].call);
            std::fflush(stderr);
            backtrace_symbols_fd(first[i].stack.data(), first[i].depth, STDERR_FILENO);
        }
    }
};

const Report report;

}  // namespace

/// All nodes of the program have the same table of events, and so the same function for their cycles.
extern "C" __attribute__((visibility("default"))) void pw_filter_add_listener(pw_filter* filter, spa_hook* listener, const pw_filter_events* events, void* data)
{
    static const auto next = reinterpret_cast<decltype(&pw_filter_add_listener)>(dlsym(RTLD_NEXT, "pw_filter_add_listener"));
    static const pw_filter_events watching = [&] {
        pw_filter_events table = *events;
        watched.store(events->process, std::memory_order_release);
        table.process = &watch_cycle;
        return table;
    }();
    if (watched.load(std::memory_order_acquire) != events->process) std::abort();
    next(filter, listener, &watching, data);
}
