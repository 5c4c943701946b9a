// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/memory_lock.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <limits>

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

namespace stemwire::session {

namespace {

/// So much as takes a quarter of a millisecond where all pages are there.
constexpr std::uintptr_t piece = std::uintptr_t{1} << 22;  // bytes

/// Where not everything may be locked, nothing shall be: PipeWire's buffers are locked within the same limit.
bool without_limit()
{
    rlimit limit{};
    return geteuid() == 0 || (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY);
}

/// mlockall alone holds on to the whole address space until it has looked at every page of it; whoever touches a new page waits for that long.
void lock_piece_by_piece()
{
    std::ifstream maps("/proc/self/maps");
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char dash = 0;
    while (maps >> std::hex >> begin >> dash >> end) {
        maps.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
        for (; begin < end; begin += std::min(piece, end - begin)) mlock2(reinterpret_cast<const void*>(begin), std::min(piece, end - begin), MLOCK_ONFAULT);
    }
}

}  // namespace

bool lock_memory()
{
    if (without_limit()) lock_piece_by_piece();
    return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
}

}  // namespace stemwire::session
