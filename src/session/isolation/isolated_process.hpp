// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "preset/preset.hpp"

namespace stemwire::session {

struct IsolatedRequest {
    std::string path;                           ///< the preset's; its text is what the session has read
    std::vector<preset::Override> overrides;
    std::string node;
    int descriptor = -1;                        ///< of the line's memory
    std::function<void(const std::string&)> say;  ///< one line for the user
};

/// The life of an isolated node's process: does the node's work until SIGTERM, then makes whole what is to stay. Who runs it lets no other signal of the
/// terminal reach it. Blocking.
[[nodiscard]] tl::expected<void, Errors> run_isolated(const IsolatedRequest& request);

}  // namespace stemwire::session
