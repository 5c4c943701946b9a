// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/fused_runner.hpp"

#include <algorithm>
#include <functional>

#include "rt/denormals.hpp"

namespace stemwire::host {

FusedRunner::FusedRunner(Plan plan) : plan_(std::move(plan)), members_(plan_.members.size()), zeros_(plan_.max_frames, 0.0f)
{
    for (std::size_t index = 0; index < members_.size(); ++index) {
        Member& member = members_[index];
        const NodeRunner& runner = *plan_.members[index];
        const Slots& slots = plan_.slots[index];
        member.inputs.resize(slots.inputs.size());
        member.outputs.assign(slots.outputs.size(), zeros_);
        member.last.resize(member.outputs.size());
        member.input_pointers.resize(runner.input_slot_count());
        member.output_pointers.resize(runner.output_slot_count());
        for (std::size_t port = 0; port < member.outputs.size(); ++port) member.output_pointers[slots.outputs[port]] = member.outputs[port].data();
    }
    for (const graph::Wire& wire : plan_.wires) {
        members_[wire.to.node].inputs[wire.to.port].wires.push_back(&wire);
        if (wire.feedback) members_[wire.from.node].last[wire.from.port] = zeros_;
    }
    for (std::size_t slot = 0; slot < plan_.inputs.size(); ++slot)
        if (const Shown& shown = plan_.inputs[slot]; shown.member != gone) {
            members_[shown.member].inputs[shown.port].shown = static_cast<std::ptrdiff_t>(slot);
            ports_.inputs.push_back({shown.name, ChannelLayout({shown.position})});
        }
    for (const Shown& shown : plan_.outputs)
        if (shown.member != gone) ports_.outputs.push_back({shown.name, ChannelLayout({shown.position})});
    for (Member& member : members_)
        for (Input& input : member.inputs)
            if (input.wires.size() + (input.shown >= 0 ? 1 : 0) > 1) input.sum = zeros_;
}

void FusedRunner::run(const CycleStart& start, std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t frames) noexcept
{
    const rt::FlushDenormals flush;  // for the sums between the nodes
    for (std::uint32_t offset = 0; offset < frames; offset += plan_.max_frames)
        run_piece(start.after(offset), inputs, outputs, offset, std::min(plan_.max_frames, frames - offset));
}

void FusedRunner::run_piece(const CycleStart& start, std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t offset,
                            std::uint32_t frames) noexcept
{
    for (std::size_t index = 0; index < members_.size(); ++index) {
        Member& member = members_[index];
        for (std::size_t port = 0; port < member.inputs.size(); ++port)
            member.input_pointers[plan_.slots[index].inputs[port]] = gather(member.inputs[port], inputs, offset, frames);
        plan_.members[index]->run(start, member.input_pointers, member.output_pointers, frames);
    }
    for (std::size_t slot = 0; slot < outputs.size(); ++slot) {
        if (outputs[slot] == nullptr) continue;
        const Shown* shown = slot < plan_.outputs.size() && plan_.outputs[slot].member != gone ? &plan_.outputs[slot] : nullptr;
        if (shown != nullptr) std::copy_n(members_[shown->member].outputs[shown->port].data(), frames, outputs[slot] + offset);
        else std::fill_n(outputs[slot] + offset, frames, 0.0f);
    }
    for (Member& member : members_)
        for (std::size_t port = 0; port < member.last.size(); ++port)
            if (!member.last[port].empty()) std::copy_n(member.outputs[port].data(), frames, member.last[port].data());
}

const float* FusedRunner::gather(Input& input, std::span<const float* const> inputs, std::uint32_t offset, std::uint32_t frames) noexcept
{
    const float* outside = input.shown >= 0 && static_cast<std::size_t>(input.shown) < inputs.size() ? inputs[static_cast<std::size_t>(input.shown)] : nullptr;
    if (outside != nullptr) outside += offset;
    const auto inside = [this](const graph::Wire& wire) {
        const Member& from = members_[wire.from.node];
        return (wire.feedback ? from.last : from.outputs)[wire.from.port].data();
    };
    if (input.sum.empty()) return input.wires.empty() ? outside : inside(*input.wires.front());
    std::fill_n(input.sum.data(), frames, 0.0f);
    const auto add = [&](const float* samples) { std::transform(samples, samples + frames, input.sum.data(), input.sum.data(), std::plus<>()); };
    for (const graph::Wire* wire : input.wires) add(inside(*wire));
    if (outside != nullptr) add(outside);
    return input.sum.data();
}

Load FusedRunner::load() const noexcept
{
    Load total;
    for (const auto& member : plan_.members) {
        const Load load = member->load();
        total.mean_us += load.mean_us;
        total.worst_us += load.worst_us;
        total.cycles = load.cycles;
    }
    return total;
}

}  // namespace stemwire::host
