// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>

#include <lv2/core/lv2.h>
#include <lv2/log/log.h>
#include <lv2/options/options.h>

#include "nodes/lv2/worker.hpp"
#include "nodes/lv2/world.hpp"

namespace stemwire::nodes::lv2 {

/// What one instance is offered by us; must outlive it.
class Features {
public:
    /// `largest_run`: frames that it is run for at most; `usual_run`: those that it should expect.
    Features(World& world, Worker& worker, double rate_hz, std::uint32_t largest_run, std::uint32_t usual_run);
    Features(const Features&) = delete;
    Features& operator=(const Features&) = delete;

    /// Ends with a null.
    [[nodiscard]] const LV2_Feature* const* list() const noexcept { return list_.data(); }

private:
    std::int32_t shortest_run_ = 1;
    std::int32_t largest_run_;
    std::int32_t usual_run_;
    std::int32_t sequence_bytes_;
    float rate_hz_;
    std::array<LV2_Options_Option, 6> options_;
    LV2_Log_Log log_;
    std::array<LV2_Feature, 10> features_;
    std::array<const LV2_Feature*, 11> list_{};
};

}  // namespace stemwire::nodes::lv2
