// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdint>
#include <cstring>

#include <lv2/atom/atom.h>
#include <lv2/core/lv2.h>
#include <lv2/state/state.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>

/// An LV2 plugin for tests: a gain that a worker sets when `wanted` changes, and that begins at what the default state says.
namespace {

struct WorkerGain {
    LV2_URID_Map* map = nullptr;
    LV2_Worker_Schedule* schedule = nullptr;
    const float* wanted = nullptr;
    const float* in = nullptr;
    float* out = nullptr;
    float asked = -1.0f;
    float gain = 0.0f;
};

LV2_Handle instantiate(const LV2_Descriptor*, double, const char*, const LV2_Feature* const* features)
{
    auto* self = new WorkerGain;
    for (; *features != nullptr; ++features) {
        if (std::strcmp((*features)->URI, LV2_URID__map) == 0) self->map = static_cast<LV2_URID_Map*>((*features)->data);
        if (std::strcmp((*features)->URI, LV2_WORKER__schedule) == 0) self->schedule = static_cast<LV2_Worker_Schedule*>((*features)->data);
    }
    return self;
}

void connect_port(LV2_Handle handle, std::uint32_t port, void* data)
{
    auto& self = *static_cast<WorkerGain*>(handle);
    if (port == 0) self.wanted = static_cast<const float*>(data);
    if (port == 1) self.in = static_cast<const float*>(data);
    if (port == 2) self.out = static_cast<float*>(data);
}

void run(LV2_Handle handle, std::uint32_t frames)
{
    auto& self = *static_cast<WorkerGain*>(handle);
    if (*self.wanted != self.asked && *self.wanted >= 0.0f &&
        self.schedule->schedule_work(self.schedule->handle, sizeof(float), self.wanted) == LV2_WORKER_SUCCESS)
        self.asked = *self.wanted;
    for (std::uint32_t i = 0; i < frames; ++i) self.out[i] = self.gain * self.in[i];
}

LV2_Worker_Status work(LV2_Handle, LV2_Worker_Respond_Function respond, LV2_Worker_Respond_Handle host, std::uint32_t size, const void* data)
{
    return respond(host, size, data);
}

LV2_Worker_Status work_response(LV2_Handle handle, std::uint32_t, const void* data)
{
    std::memcpy(&static_cast<WorkerGain*>(handle)->gain, data, sizeof(float));
    return LV2_WORKER_SUCCESS;
}

LV2_State_Status save(LV2_Handle, LV2_State_Store_Function, LV2_State_Handle, std::uint32_t, const LV2_Feature* const*)
{
    return LV2_STATE_SUCCESS;
}

LV2_State_Status restore(LV2_Handle handle, LV2_State_Retrieve_Function retrieve, LV2_State_Handle state, std::uint32_t, const LV2_Feature* const*)
{
    auto& self = *static_cast<WorkerGain*>(handle);
    std::size_t size = 0;
    std::uint32_t type = 0;
    std::uint32_t flags = 0;
    const void* value = retrieve(state, self.map->map(self.map->handle, "urn:stemwire:test:gain"), &size, &type, &flags);
    if (value == nullptr || size != sizeof(float)) return LV2_STATE_ERR_NO_PROPERTY;
    std::memcpy(&self.gain, value, sizeof(float));
    return LV2_STATE_SUCCESS;
}

const void* extension_data(const char* uri)
{
    static const LV2_Worker_Interface worker{&work, &work_response, nullptr};
    static const LV2_State_Interface state{&save, &restore};
    if (std::strcmp(uri, LV2_WORKER__interface) == 0) return &worker;
    return std::strcmp(uri, LV2_STATE__interface) == 0 ? &state : nullptr;
}

const LV2_Descriptor descriptor{"urn:stemwire:test:worker-gain", &instantiate, &connect_port, nullptr, &run, nullptr,
                                [](LV2_Handle handle) { delete static_cast<WorkerGain*>(handle); }, &extension_data};

}  // namespace

LV2_SYMBOL_EXPORT const LV2_Descriptor* lv2_descriptor(std::uint32_t index)
{
    return index == 0 ? &descriptor : nullptr;
}
