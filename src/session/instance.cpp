// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/instance.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace stemwire::session {

namespace {

/// Longest time that a tail is waited for; a feedback that never decays must not make a render endless.
constexpr double longest_tail_seconds = 60.0;

Error in_node(const preset::Preset& preset, const preset::NodeModel& node, Error error)
{
    if (error.file.empty()) {
        error.message = node.name + ": " + error.message;
        error.file = preset.path;
        error.mark = node.mark;
    }
    return error;
}

/// Calls `job(0)` … `job(count − 1)` on all cores.
template <class Job>
void in_parallel(std::size_t count, Job job)
{
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < count; i = next++) job(i);
    };
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < std::min<std::size_t>(std::max(1u, std::thread::hardware_concurrency()), count); ++i) helpers.emplace_back(work);
    work();
}

}  // namespace

tl::expected<std::unique_ptr<Instance>, Errors> Instance::make(const preset::Preset& preset, media::DecodePool& decoders)
{
    std::unique_ptr<Instance> instance(new Instance(preset, preset.graph));
    Errors errors;
    for (const preset::NodeModel& model : preset.nodes) {
        auto node = model.type->make({model.name, model.settings, model.ports, decoders});
        if (!node) {
            errors.push_back(in_node(preset, model, node.error()));
            continue;
        }
        instance->nodes_.push_back(std::move(*node));
        instance->runners_.push_back(std::make_unique<host::NodeRunner>(model.name, *instance->nodes_.back(), model.ports, instance->transport_));
    }
    if (!errors.empty()) return tl::unexpected(std::move(errors));
    return instance;
}

Errors Instance::prepare(double rate_hz, std::uint32_t quantum, bool offline)
{
    rate_hz_ = rate_hz;
    std::mutex mutex;
    Errors errors;
    // Latencies are known only once every node is prepared, delays only once all latencies are: hence two passes.
    const auto prepare_node = [&](std::size_t index) {
        if (const auto prepared = nodes_[index]->prepare({.rate_hz = rate_hz, .offline = offline, .quantum = quantum}); !prepared) {
            const std::lock_guard lock(mutex);
            errors.push_back(in_node(preset_, preset_.nodes[index], prepared.error()));
        }
    };
    in_parallel(nodes_.size(), prepare_node);
    if (!errors.empty()) return errors;
    for (std::size_t index = 0; index < nodes_.size(); ++index) graph_.nodes[index].latency = nodes_[index]->latency();
    alignment_ = graph::align(graph_);
    for (std::size_t index = 0; index < nodes_.size(); ++index)
        runners_[index]->prepare(largest_quantum, alignment_.input_delay[index], alignment_.output_delay[index]);
    return {};
}

std::vector<host::NodeRunner*> Instance::runners() const
{
    std::vector<host::NodeRunner*> runners;
    for (const auto& runner : runners_) runners.push_back(runner.get());
    return runners;
}

Cue Instance::make_cue(Epoch epoch, double start_seconds, bool loop) const
{
    Cue cue{.epoch = epoch, .start = seconds_to_frames(start_seconds, rate_hz_)};
    if (const auto& range = preset_.transport.loop_seconds; range && loop) {
        cue.loop_from = seconds_to_frames(range->first, rate_hz_);
        cue.loop_to = seconds_to_frames(range->second, rate_hz_);
    }
    return cue;
}

void Instance::cue(const Cue& cue)
{
    for (const auto& node : nodes_) node->cue(cue);
}

bool Instance::cued(Epoch epoch) const
{
    return std::ranges::all_of(nodes_, [epoch](const auto& node) { return node->cued(epoch); });
}

std::optional<Frames> Instance::end() const
{
    const auto tail_limit = static_cast<Frames>(longest_tail_seconds * rate_hz_);
    if (!std::ranges::all_of(nodes_, [](const auto& node) { return node->end_known(); })) return std::nullopt;
    std::vector<std::optional<Frames>> end_of(nodes_.size());
    std::optional<Frames> last;
    for (const std::uint32_t index : graph::processing_order(graph_)) {
        end_of[index] = nodes_[index]->end();
        for (const graph::Wire& wire : graph_.wires)
            if (wire.to.node == index && !wire.feedback && end_of[wire.from.node])
                end_of[index] = std::max(end_of[index].value_or(0), *end_of[wire.from.node] + std::min(nodes_[index]->tail(), tail_limit));
        if (end_of[index]) last = std::max(last.value_or(0), *end_of[index]);
    }
    return last.value_or(endless);
}

std::uint64_t Instance::missing_frames() const
{
    std::uint64_t frames = 0;
    for (const auto& node : nodes_) frames += node->missing_frames();
    return frames;
}

std::vector<std::string> Instance::take_messages()
{
    std::vector<std::string> messages;
    for (std::size_t index = 0; index < nodes_.size(); ++index)
        while (auto message = nodes_[index]->take_message()) messages.push_back(preset_.nodes[index].name + ": " + *message);
    return messages;
}

}  // namespace stemwire::session
