// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/lv2/instance.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <lv2/atom/atom.h>
#include <lv2/state/state.h>

namespace stemwire::nodes::lv2 {

Instance::Instance(const Plugin& plugin, const InstanceOptions& options)
    : plugin_(plugin), options_(options), world_(World::get()), features_(world_, worker_, options.rate_hz, options.largest_run, options.usual_run),
      controls_(plugin.ports().size()), atoms_(plugin.ports().size()), zeros_(options.largest_run), unheard_(options.largest_run),
      sequence_(world_.urid(LV2_ATOM__Sequence)), chunk_(world_.urid(LV2_ATOM__Chunk))
{
}

Expected<std::unique_ptr<Instance>> Instance::make(const Plugin& plugin, const InstanceOptions& options)
{
    std::unique_ptr<Instance> made(new Instance(plugin, options));
    if (!made->instantiate()) return failure("the LV2 plugin " + plugin.uri() + " (" + plugin.name() + ") does not load");
    made->connect_controls();
    made->restore_defaults();
    for (std::size_t row = 0; row < plugin.rows().size(); ++row) made->set(row, plugin.rows()[row].fallback);
    const std::lock_guard lock(made->world_.mutex);
    lilv_instance_activate(made->lilv_.get());
    if (!options.offline) made->worker_.start();
    return made;
}

Instance::~Instance()
{
    worker_.stop();
    const std::lock_guard lock(world_.mutex);
    if (!lilv_) return;
    lilv_instance_deactivate(lilv_.get());
    lilv_.reset();
}

bool Instance::instantiate()
{
    const std::lock_guard lock(world_.mutex);
    lilv_.reset(lilv_plugin_instantiate(plugin_.lilv(), options_.rate_hz, features_.list()));
    if (!lilv_) return false;
    worker_.attach(lilv_instance_get_handle(lilv_.get()),
                   static_cast<const LV2_Worker_Interface*>(lilv_instance_get_extension_data(lilv_.get(), LV2_WORKER__interface)));
    return true;
}

void Instance::restore_defaults()
{
    const std::lock_guard lock(world_.mutex);
    const StatePointer state(lilv_state_new_from_world(world_.lilv(), &world_.map(), lilv_plugin_get_uri(plugin_.lilv())));
    if (state) lilv_state_restore(state.get(), lilv_.get(), nullptr, nullptr, 0, features_.list());
}

void Instance::connect_controls()
{
    const std::span<const PluginPort> ports = plugin_.ports();
    for (std::uint32_t index = 0; index < ports.size(); ++index) {
        void* place = nullptr;
        switch (ports[index].role) {
        case PortRole::parameter: parameter_ports_.push_back(index); [[fallthrough]];
        case PortRole::freewheel:
        case PortRole::latency:
        case PortRole::meter: place = &controls_[index]; break;
        case PortRole::cv_in: place = zeros_.data(); break;
        case PortRole::cv_out: place = unheard_.data(); break;
        case PortRole::atom_in:
        case PortRole::atom_out:
            atoms_[index].resize(ports[index].bytes / sizeof(std::uint64_t) + 1);
            place = atoms_[index].data();
            break;
        default: break;
        }
        if (ports[index].role == PortRole::freewheel) controls_[index] = options_.offline ? 1.0f : 0.0f;
        lilv_instance_connect_port(lilv_.get(), index, place);
    }
}

void Instance::set(std::size_t row, double value) noexcept
{
    const std::size_t index = parameter_ports_[row];
    const PluginPort& port = plugin_.ports()[index];
    const double scale = port.times_rate ? options_.rate_hz : 1.0;
    const auto wanted = static_cast<float>(value);
    const auto minimum = static_cast<float>(port.minimum * scale);
    const auto maximum = static_cast<float>(port.maximum * scale);
    controls_[index] = minimum <= maximum ? std::clamp(wanted, minimum, maximum) : wanted;
}

void Instance::begin_messages() noexcept
{
    for (std::size_t index = 0; index < atoms_.size(); ++index) {
        if (atoms_[index].empty()) continue;
        const bool input = plugin_.ports()[index].role == PortRole::atom_in;
        auto* sequence = reinterpret_cast<LV2_Atom_Sequence*>(atoms_[index].data());
        const std::size_t room = atoms_[index].size() * sizeof(std::uint64_t) - sizeof(LV2_Atom);
        sequence->atom = {static_cast<std::uint32_t>(input ? sizeof(LV2_Atom_Sequence_Body) : room), input ? sequence_ : chunk_};
        sequence->body = {};
    }
}

void Instance::run(std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t frames) noexcept
{
    const std::span<const PluginPort> ports = plugin_.ports();
    std::size_t input = 0;
    std::size_t side_chain = plugin_.count(PortRole::audio_in);
    std::size_t output = 0;
    for (std::uint32_t index = 0; index < ports.size(); ++index) {
        const PortRole role = ports[index].role;
        // LV2 knows no const: the plugin only reads what is connected to an input.
        if (role == PortRole::audio_in) lilv_instance_connect_port(lilv_.get(), index, const_cast<float*>(inputs[input++]));
        if (role == PortRole::side_chain_in) lilv_instance_connect_port(lilv_.get(), index, const_cast<float*>(inputs[side_chain++]));
        if (role == PortRole::audio_out) lilv_instance_connect_port(lilv_.get(), index, outputs[output++]);
    }
    begin_messages();
    lilv_instance_run(lilv_.get(), frames);
    worker_.end_run();
}

std::uint32_t Instance::latency() const noexcept
{
    const auto port = std::ranges::find(plugin_.ports(), PortRole::latency, &PluginPort::role);
    if (port == plugin_.ports().end()) return 0;
    const float frames = controls_[static_cast<std::size_t>(port - plugin_.ports().begin())];
    return frames > 0.0f && frames < 1e7f ? static_cast<std::uint32_t>(std::lround(frames)) : 0;
}

}  // namespace stemwire::nodes::lv2
