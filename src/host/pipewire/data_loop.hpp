// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <semaphore>
#include <utility>

#include <pipewire/pipewire.h>

namespace stemwire::host {

/// Runs something on the data loop between two of its callbacks, and waits until it is done; here and now where that loop does not run.
/// Thread: the main loop. Not by a blocking invoke: up to 0.3.65 one that invokes something itself answers before it is done.
template <class Function>
void run_on(pw_data_loop* loop, Function&& function)
{
    struct Call {
        Function& function;
        std::binary_semaphore done{0};
    } call{function};
    pw_data_loop_invoke(
        loop,
        [](spa_loop*, bool, std::uint32_t, const void*, std::size_t, void* data) {
            auto& called = *static_cast<Call*>(data);
            called.function();
            called.done.release();
            return 0;
        },
        0, nullptr, 0, false, &call);
    call.done.acquire();
}

/// Returns when the data loop has left every callback that was under way.
inline void let_pass(pw_data_loop* loop)
{
    run_on(loop, [] {});
}

}  // namespace stemwire::host
