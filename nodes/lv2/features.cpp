// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/lv2/features.hpp"

#include <algorithm>
#include <cstdarg>

#include <lv2/atom/atom.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/parameters/parameters.h>
#include <lv2/state/state.h>
#include <lv2/urid/urid.h>

namespace stemwire::nodes::lv2 {

namespace {

constexpr std::int32_t sequence_bytes = 8192;

// Plugins log from wherever they are, the realtime side too: nothing is kept.
int print(LV2_Log_Handle, LV2_URID, const char*, ...) noexcept { return 0; }
int print_list(LV2_Log_Handle, LV2_URID, const char*, va_list) noexcept { return 0; }

template <class T>
LV2_Options_Option option(World& world, const char* key, const char* type, const T& value)
{
    return {LV2_OPTIONS_INSTANCE, 0, world.urid(key), sizeof value, world.urid(type), &value};
}

}  // namespace

Features::Features(World& world, Worker& worker, double rate_hz, std::uint32_t largest_run, std::uint32_t usual_run)
    : largest_run_(static_cast<std::int32_t>(largest_run)), usual_run_(static_cast<std::int32_t>(usual_run)), sequence_bytes_(sequence_bytes),
      rate_hz_(static_cast<float>(rate_hz)),
      options_{option(world, LV2_BUF_SIZE__minBlockLength, LV2_ATOM__Int, shortest_run_),
               option(world, LV2_BUF_SIZE__maxBlockLength, LV2_ATOM__Int, largest_run_),
               option(world, LV2_BUF_SIZE__nominalBlockLength, LV2_ATOM__Int, usual_run_),
               option(world, LV2_BUF_SIZE__sequenceSize, LV2_ATOM__Int, sequence_bytes_),
               option(world, LV2_PARAMETERS__sampleRate, LV2_ATOM__Float, rate_hz_), LV2_Options_Option{}},
      log_{nullptr, &print, &print_list},
      features_{LV2_Feature{LV2_URID__map, &world.map()},
                {LV2_URID__unmap, &world.unmap()},
                {LV2_OPTIONS__options, options_.data()},
                {LV2_WORKER__schedule, &worker.feature()},
                {LV2_LOG__log, &log_},
                {LV2_BUF_SIZE__boundedBlockLength, nullptr},
                {LV2_STATE__loadDefaultState, nullptr},
                {LV2_STATE__threadSafeRestore, nullptr},
                {LV2_CORE__inPlaceBroken, nullptr},
                {LV2_CORE__isLive, nullptr}}
{
    std::ranges::transform(features_, list_.begin(), [](const LV2_Feature& feature) { return &feature; });
}

}  // namespace stemwire::nodes::lv2
