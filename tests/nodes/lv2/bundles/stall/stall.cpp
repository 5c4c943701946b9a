// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <cstdint>
#include <cstring>

#include <lv2/core/lv2.h>

/// An LV2 plugin for tests: it lets its input through, and works for 40 ms in the cycle in which `stall` rises.
namespace {

struct Stall {
    const float* stall = nullptr;
    const float* in = nullptr;
    float* out = nullptr;
    bool was_high = false;
};

void connect_port(LV2_Handle handle, std::uint32_t port, void* data)
{
    auto& self = *static_cast<Stall*>(handle);
    if (port == 0) self.stall = static_cast<const float*>(data);
    if (port == 1) self.in = static_cast<const float*>(data);
    if (port == 2) self.out = static_cast<float*>(data);
}

void run(LV2_Handle handle, std::uint32_t frames)
{
    auto& self = *static_cast<Stall*>(handle);
    std::memmove(self.out, self.in, frames * sizeof(float));
    const bool high = *self.stall > 0.5f;
    if (high && !self.was_high)
        for (const auto began = std::chrono::steady_clock::now(); std::chrono::steady_clock::now() - began < std::chrono::milliseconds(40);) {}
    self.was_high = high;
}

const LV2_Descriptor descriptor{"urn:stemwire:test:stall", [](const LV2_Descriptor*, double, const char*, const LV2_Feature* const*) -> LV2_Handle { return new Stall; },
                                &connect_port, nullptr, &run, nullptr, [](LV2_Handle handle) { delete static_cast<Stall*>(handle); }, nullptr};

}  // namespace

LV2_SYMBOL_EXPORT const LV2_Descriptor* lv2_descriptor(std::uint32_t index)
{
    return index == 0 ? &descriptor : nullptr;
}
