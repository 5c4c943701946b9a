// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "host/pipewire/linker.hpp"
#include "host/pipewire/registry.hpp"

namespace stemwire::host {

/// Ports of ours at which the sound is faded out while links change.
struct FadePlan {
    std::set<std::string> outputs;  ///< `band.mix:main_FL`
    std::set<std::string> inputs;
};

/// Where links that come and go are faded: at the output, if nobody else hears it, else at the input, if it is ours, where what else feeds it dips for
/// the moment; else at the output all the same. `ours` says whether a port is of one of our nodes.
[[nodiscard]] FadePlan plan_fades(const std::vector<PendingLink>& pending, const Registry& registry, const std::function<bool(const std::string&)>& ours);

}  // namespace stemwire::host
