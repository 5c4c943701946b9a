// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <csignal>

#include <pthread.h>

namespace stemwire::host {

/// Blocks every signal on this thread while it lives: threads that start meanwhile never run a handler, so that none can
/// interrupt a data loop.
class BlockedSignals {
public:
    BlockedSignals() noexcept
    {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, &before_);
    }
    ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;

private:
    sigset_t before_{};
};

}  // namespace stemwire::host
