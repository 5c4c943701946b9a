// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/node_runner.hpp"

#include <algorithm>
#include <chrono>

#include "rt/denormals.hpp"

namespace stemwire::host {

namespace {

std::vector<DelayLine> make_delays(std::size_t ports, std::span<const std::uint32_t> delays)
{
    std::vector<DelayLine> lines;
    for (std::size_t port = 0; port < ports; ++port) lines.emplace_back(port < delays.size() ? delays[port] : 0);
    return lines;
}

}  // namespace

NodeRunner::NodeRunner(std::string name, Node& node, const Ports& ports, const rt::TransportSchedule& transport)
    : name_(std::move(name)), node_(node), ports_(ports), transport_(transport)
{
}

void NodeRunner::prepare(std::uint32_t max_frames, std::span<const std::uint32_t> input_delays, std::span<const std::uint32_t> output_delays)
{
    suspend();
    const auto inputs = channel_count(ports_.inputs);
    const auto outputs = channel_count(ports_.outputs);
    max_frames_ = max_frames;
    input_delays_ = make_delays(inputs, input_delays);
    output_delays_ = make_delays(outputs, output_delays);
    zeros_.assign(max_frames_, 0.0f);
    delayed_inputs_.assign(inputs, {});
    for (std::size_t port = 0; port < inputs; ++port)
        if (input_delays_[port].delay() > 0) delayed_inputs_[port].assign(max_frames_, 0.0f);
    unheard_outputs_.assign(outputs, std::vector<float>(max_frames_, 0.0f));
    node_inputs_.assign(inputs, zeros_.data());
    node_outputs_.assign(outputs, nullptr);
    prepared_.store(true, std::memory_order_release);
}

void NodeRunner::run(Frames clock, std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t frames) noexcept
{
    if (!prepared_.load(std::memory_order_acquire)) {
        for (float* output : outputs)
            if (output != nullptr) std::fill_n(output, frames, 0.0f);
        return;
    }
    const rt::FlushDenormals flush;
    const EnterAudioThread role;
    const auto begin = std::chrono::steady_clock::now();
    for (std::uint32_t offset = 0; offset < frames; offset += max_frames_)
        run_piece(clock + offset, offset, inputs, outputs, std::min(max_frames_, frames - offset));
    count(static_cast<std::uint64_t>(std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count()));
}

void NodeRunner::run_piece(Frames clock, std::uint32_t offset, std::span<const float* const> inputs, std::span<float* const> outputs,
                           std::uint32_t frames) noexcept
{
    for (std::size_t port = 0; port < node_inputs_.size(); ++port) {
        const float* input = inputs[port] != nullptr ? inputs[port] + offset : zeros_.data();
        if (input_delays_[port].delay() > 0) {
            input_delays_[port].process(input, delayed_inputs_[port].data(), frames);
            input = delayed_inputs_[port].data();
        }
        node_inputs_[port] = input;
    }
    for (std::size_t port = 0; port < node_outputs_.size(); ++port)
        node_outputs_[port] = outputs[port] != nullptr ? outputs[port] + offset : unheard_outputs_[port].data();

    const TransportCycle cycle = transport_.cycle(clock, frames, transport_memory_);
    node_.process({node_inputs_, node_outputs_, frames, cycle});

    for (std::size_t port = 0; port < node_outputs_.size(); ++port)
        if (output_delays_[port].delay() > 0) output_delays_[port].process(node_outputs_[port], node_outputs_[port], frames);
    fade(node_outputs_, frames);
}

void NodeRunner::fade(std::span<float* const> outputs, std::uint32_t frames) noexcept
{
    const std::uint32_t length = fade_frames_.load(std::memory_order_relaxed);
    if (length == 0) return;
    for (float* output : outputs)
        for (std::uint32_t i = 0; i < frames; ++i)
            output[i] *= faded_ + i < length ? 1.0f - static_cast<float>(faded_ + i) / static_cast<float>(length) : 0.0f;
    faded_ = std::min(length, faded_ + frames);
}

void NodeRunner::count(std::uint64_t nanoseconds) noexcept
{
    cycles_.fetch_add(1, std::memory_order_relaxed);
    busy_ns_.fetch_add(nanoseconds, std::memory_order_relaxed);
    if (nanoseconds > worst_ns_.load(std::memory_order_relaxed)) worst_ns_.store(nanoseconds, std::memory_order_relaxed);
}

Load NodeRunner::load() const noexcept
{
    const auto cycles = cycles_.load(std::memory_order_relaxed);
    const auto busy_us = static_cast<double>(busy_ns_.load(std::memory_order_relaxed)) / 1e3;
    return {cycles > 0 ? busy_us / static_cast<double>(cycles) : 0.0, static_cast<double>(worst_ns_.load(std::memory_order_relaxed)) / 1e3, cycles};
}

}  // namespace stemwire::host
