// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <semaphore>
#include <thread>
#include <utility>

#include <pthread.h>

#include <pipewire/pipewire.h>

namespace stemwire::host {

/// Up to 0.3.65 what is too much for its queue is refused.
inline void invoke(pw_data_loop* loop, spa_invoke_func_t function, void* data)
{
    while (pw_data_loop_invoke(loop, function, 0, nullptr, 0, false, data) < 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

/// Runs something on the data loop between two of its callbacks, and waits until it is done; here and now where that loop does not run.
/// Thread: the main loop. Not by a blocking invoke: up to 0.3.65 one that invokes something itself answers before it is done.
template <class Function>
void run_on(pw_data_loop* loop, Function&& function)
{
    struct Call {
        Function& function;
        std::binary_semaphore done{0};
    } call{function};
    const auto invoked = [](spa_loop*, bool, std::uint32_t, const void*, std::size_t, void* data) {
        auto& called = *static_cast<Call*>(data);
        called.function();
        called.done.release();
        return 0;
    };
    invoke(loop, invoked, &call);
    call.done.acquire();
}

/// The thread of the data loop, once it runs; a moment after it was started that may still be to come. Ours, where none comes.
[[nodiscard]] inline pthread_t thread_of(pw_data_loop* loop)
{
    constexpr int patience = 1000;  // looks
    const pthread_t here = pthread_self();
    pthread_t there = here;
    for (int looks = 0; looks < patience && pthread_equal(here, there) != 0; ++looks) {
        if (looks > 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
        run_on(loop, [&] { there = pthread_self(); });
    }
    return there;
}

/// Runs something here while the data loop stands still between two of its callbacks, and this thread is in none of the loop's functions.
template <class Function>
void beside(pw_data_loop* loop, Function&& function)
{
    struct Rest {
        pthread_t caller = pthread_self();
        std::binary_semaphore arrived{0};
        std::binary_semaphore go{0};
        std::binary_semaphore gone{0};
    } rest;
    const auto invoked = [](spa_loop*, bool, std::uint32_t, const void*, std::size_t, void* data) {
        auto& resting = *static_cast<Rest*>(data);
        resting.arrived.release();
        if (pthread_equal(resting.caller, pthread_self()) == 0) resting.go.acquire();
        resting.gone.release();
        return 0;
    };
    invoke(loop, invoked, &rest);
    rest.arrived.acquire();
    function();
    rest.go.release();
    rest.gone.acquire();
}

/// Returns when the data loop has left every callback that was under way.
inline void let_pass(pw_data_loop* loop)
{
    run_on(loop, [] {});
}

}  // namespace stemwire::host
