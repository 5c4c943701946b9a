// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <spa/utils/hook.h>

namespace stemwire::host {

/// A listener's place in somebody's list; leaves the list when it ends. Never moves.
class Hook {
public:
    Hook() = default;
    ~Hook() { remove(); }
    Hook(const Hook&) = delete;
    Hook& operator=(const Hook&) = delete;

    [[nodiscard]] spa_hook* get() noexcept { return &hook_; }
    void remove() noexcept
    {
        if (hook_.link.next != nullptr) spa_hook_remove(&hook_);
        hook_ = {};
    }

private:
    spa_hook hook_{};
};

}  // namespace stemwire::host
