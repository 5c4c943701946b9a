// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/instance.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <tuple>

#include "session/memory_budget.hpp"

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

std::string address_of(const std::string& node, const LiveValue& value)
{
    return node + "." + std::string(value.address());
}

/// What a control has set stays as it is set, unless the preset says another value than before, and nobody has turned it since.
void follow_preset(const preset::NodeModel& before, const preset::NodeModel& after, LiveParameters& playing, LiveParameters& next, const LiveSnapshot& snapshot)
{
    const LiveParameters said(before.settings);
    const LiveParameters says(after.settings);
    for (LiveValue& value : next.all()) {
        const LiveValue* old = said.find(value.address());
        const LiveValue* now = says.find(value.address());
        const LiveValue* heard = playing.find(value.address());
        if (now == nullptr) continue;
        const auto then = snapshot.find(address_of(before.name, value));
        const bool turned = heard != nullptr && then != snapshot.end() && then->second != heard->get();
        value.set(turned || (old != nullptr && heard != nullptr && old->get() == now->get()) ? heard->get() : now->get());
    }
}

}  // namespace

tl::expected<std::pair<std::shared_ptr<Node>, bool>, Error> Instance::make_node(const preset::Preset& preset, std::size_t index) const
{
    const preset::NodeModel& model = preset.nodes[index];
    if (company_.stand_in)
        if (auto stand_in = company_.stand_in(model)) return std::pair(std::shared_ptr<Node>(std::move(stand_in)), true);
    if (model.isolate && company_.isolated) return std::pair(std::shared_ptr<Node>(company_.isolated(model, preset.text)), false);
    auto node = model.type->make({model.name, model.settings, model.ports, decoders_});
    if (!node) return tl::unexpected(in_node(preset, model, node.error()));
    return std::pair(std::shared_ptr<Node>(std::move(*node)), false);
}

tl::expected<std::unique_ptr<Instance>, Errors> Instance::make(preset::Preset preset, media::DecodePool& decoders, Company company)
{
    std::unique_ptr<Instance> instance(new Instance(std::move(preset), decoders, std::move(company)));
    Errors errors;
    for (std::size_t index = 0; index < instance->preset().nodes.size(); ++index) {
        const preset::NodeModel& model = instance->preset().nodes[index];
        auto node = instance->make_node(instance->preset(), index);
        if (!node) {
            errors.push_back(node.error());
            continue;
        }
        instance->runners_.push_back(std::make_shared<host::NodeRunner>(model.name, std::move(node->first), model.ports, instance->transport()));
        instance->elsewhere_.push_back(node->second);
    }
    if (!errors.empty()) return tl::unexpected(std::move(errors));
    return instance;
}

Errors Instance::prepare(const Preparation& preparation)
{
    rate_hz_ = preparation.rate_hz;
    quantum_ = preparation.quantum;
    std::mutex mutex;
    Errors errors;
    const MemoryBudget budget(*preset_);
    // Latencies are known only once every node is prepared, delays only once all latencies are: hence two passes.
    const auto prepare_node = [&](std::size_t index) {
        const auto prepared = budget.prepare(runners_[index]->node(), preparation);
        if (prepared) return;
        const std::lock_guard lock(mutex);
        errors.push_back(in_node(*preset_, preset_->nodes[index], prepared.error()));
    };
    in_parallel(runners_.size(), prepare_node);
    if (!errors.empty()) return errors;
    for (std::size_t index = 0; index < runners_.size(); ++index) graph_.nodes[index].latency = latency_of(preset_->nodes[index], runners_[index]->node());
    alignment_ = graph::align(graph_);
    tell_latencies();
    for (std::size_t index = 0; index < runners_.size(); ++index) {
        const std::uint32_t batch = runners_[index]->node().wants_batches() ? preparation.batch : 0;
        const host::Delays delays = delays_of(*preset_, alignment_, index);
        runners_[index]->prepare(std::max(preparation.max_frames, batch), delays.inputs, delays.outputs, rate_hz_);
    }
    return {};
}

tl::expected<std::unique_ptr<Edit>, Errors> Instance::build(preset::Preset next, const std::vector<NodeOrigin>& origins) const
{
    auto edit = std::make_unique<Edit>();
    edit->preset_ = std::make_shared<const preset::Preset>(std::move(next));
    const preset::Preset& preset = *edit->preset_;
    edit->graph_ = preset.graph;
    edit->members_.resize(preset.nodes.size());
    const MemoryBudget budget(preset);
    std::mutex mutex;
    Errors errors;
    const auto build_node = [&](std::size_t index) {
        Edit::Member& member = edit->members_[index];
        member.old = origins[index].old;
        if (member.old) {
            member.runner = runners_[*member.old];
            member.elsewhere = elsewhere_[*member.old];
        }
        if (member.old && !origins[index].rebuild) return;
        auto node = make_node(preset, index);
        auto prepared = node ? budget.prepare(*node->first, {.rate_hz = rate_hz_, .quantum = quantum_}) : Expected<void>(tl::unexpected(node.error()));
        if (prepared) {
            std::tie(member.node, member.elsewhere) = std::move(*node);
            return;
        }
        const std::lock_guard lock(mutex);
        errors.push_back(in_node(preset, preset.nodes[index], prepared.error()));
    };
    in_parallel(preset.nodes.size(), build_node);
    if (!errors.empty()) return tl::unexpected(std::move(errors));
    for (std::size_t index = 0; index < edit->members_.size(); ++index) {
        Edit::Member& member = edit->members_[index];
        edit->graph_.nodes[index].latency = latency_of(edit->preset_->nodes[index], member.node ? *member.node : member.runner->node());
    }
    edit->alignment_ = graph::align(edit->graph_);
    return edit;
}

LiveSnapshot Instance::live_snapshot() const
{
    LiveSnapshot snapshot;
    for (std::size_t index = 0; index < runners_.size(); ++index)
        for (const LiveValue& value : runners_[index]->node().live().all()) snapshot.emplace(address_of(preset_->nodes[index].name, value), value.get());
    return snapshot;
}

void Instance::apply(std::unique_ptr<Edit> edit, Frames at_clock, const LiveSnapshot& before)
{
    std::vector<std::shared_ptr<host::NodeRunner>> runners;
    elsewhere_.clear();
    for (std::size_t index = 0; index < edit->members_.size(); ++index) {
        Edit::Member& member = edit->members_[index];
        const preset::NodeModel& model = edit->preset_->nodes[index];
        const host::Delays delays = delays_of(*edit->preset_, edit->alignment_, index);
        if (member.node) member.node->hear_late(edit->alignment_.node_latency[index]);
        if (!member.runner) {
            member.runner = std::make_shared<host::NodeRunner>(model.name, member.node, model.ports, transport());
            member.runner->prepare(largest_quantum, delays.inputs, delays.outputs, rate_hz_);
        } else {
            Node& playing = member.runner->node();
            follow_preset(preset_->nodes[*member.old], model, playing.live(), (member.node ? *member.node : playing).live(), before);
            if (member.node) member.runner->replace({member.node, model.ports, delays, at_clock});
            else member.runner->change_delays(delays);
        }
        runners.push_back(member.runner);
        elsewhere_.push_back(member.elsewhere);
    }
    preset_ = std::move(edit->preset_);
    graph_ = std::move(edit->graph_);
    alignment_ = std::move(edit->alignment_);
    runners_ = std::move(runners);
    tell_latencies();
}

std::uint32_t Instance::lateness(const preset::NodeModel& model) const
{
    const bool works_here = !company_.isolated && !company_.stand_in;
    return model.isolate && works_here && !model.ports.outputs.empty() ? quantum_ : 0;
}

host::Delays Instance::delays_of(const preset::Preset& preset, const graph::Alignment& alignment, std::size_t node) const
{
    host::Delays delays{alignment.input_delay[node], alignment.output_delay[node]};
    const preset::NodeModel& model = preset.nodes[node];
    delays.outputs.resize(channel_count(model.ports.outputs), 0);
    for (std::uint32_t& delay : delays.outputs) delay += lateness(model);
    return delays;
}

void Instance::tell_latencies() const
{
    for (std::size_t index = 0; index < runners_.size(); ++index) runners_[index]->node().hear_late(alignment_.node_latency[index]);
}

bool Instance::align_again()
{
    graph::Graph graph = graph_;
    bool changed = false;
    for (std::size_t index = 0; index < runners_.size(); ++index) {
        graph.nodes[index].latency = latency_of(preset_->nodes[index], runners_[index]->node());
        changed |= graph.nodes[index].latency != graph_.nodes[index].latency;
    }
    if (!changed) return false;
    graph_ = std::move(graph);
    alignment_ = graph::align(graph_);
    for (std::size_t index = 0; index < runners_.size(); ++index) runners_[index]->change_delays(delays_of(*preset_, alignment_, index));
    tell_latencies();
    return true;
}

void Edit::cue(const Cue& cue)
{
    for (Member& member : members_)
        if (member.node) member.node->cue(cue);
}

bool Edit::cued(Epoch epoch) const
{
    return std::ranges::all_of(members_, [epoch](const Member& member) { return !member.node || member.node->cued(epoch); });
}

bool Edit::must_be_cued() const
{
    for (std::size_t index = 0; index < members_.size(); ++index) {
        const Member& member = members_[index];
        const bool isolated = preset_->nodes[index].isolate && !member.elsewhere;
        if (member.node && (isolated || member.node->buffered_seconds())) return true;
    }
    return false;
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
    if (const auto& range = preset_->transport.loop_seconds; range && loop) {
        cue.loop_from = seconds_to_frames(range->first, rate_hz_);
        cue.loop_to = seconds_to_frames(range->second, rate_hz_);
    }
    return cue;
}

void Instance::cue(const Cue& cue)
{
    for (const auto& runner : runners_) runner->node().cue(cue);
}

bool Instance::cued(Epoch epoch) const
{
    return std::ranges::all_of(runners_, [epoch](const auto& runner) { return runner->node().cued(epoch); });
}

std::optional<Frames> Instance::end() const
{
    const auto tail_limit = static_cast<Frames>(longest_tail_seconds * rate_hz_);
    if (!std::ranges::all_of(runners_, [](const auto& runner) { return runner->node().end_known(); })) return std::nullopt;
    std::vector<std::optional<Frames>> end_of(runners_.size());
    std::optional<Frames> last;
    for (const std::uint32_t index : graph::processing_order(graph_)) {
        end_of[index] = runners_[index]->node().end();
        for (const graph::Wire& wire : graph_.wires)
            if (wire.to.node == index && !wire.feedback && end_of[wire.from.node])
                end_of[index] = std::max(end_of[index].value_or(0), *end_of[wire.from.node] + std::min(runners_[index]->node().tail(), tail_limit));
        if (end_of[index]) last = std::max(last.value_or(0), *end_of[index]);
    }
    return last.value_or(endless);
}

std::uint64_t Instance::missing_frames() const
{
    std::uint64_t frames = 0;
    for (const auto& runner : runners_) frames += runner->node().missing_frames();
    return frames;
}

std::uint32_t Instance::longest_cycle() const
{
    std::uint32_t frames = largest_quantum;
    for (const auto& runner : runners_) frames = std::min(frames, runner->node().longest_cycle());
    return frames;
}

std::vector<std::string> Instance::take_messages()
{
    std::vector<std::string> messages;
    for (const auto& runner : runners_) {
        if (runner->take_first_fault()) messages.push_back(runner->name() + ": some of what it puts out is no number, or above +200 dB: that is silent");
        while (auto message = runner->node().take_message()) messages.push_back(runner->name() + ": " + *message);
    }
    return messages;
}

void Instance::collect()
{
    for (const auto& runner : runners_) runner->collect();
}

}  // namespace stemwire::session
