// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/offline/offline_host.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <time.h>

#include "graph/pairing.hpp"
#include "host/offline/actor.hpp"
#include "rt/denormals.hpp"

namespace stemwire::host {

namespace {

double thread_cpu_seconds()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Which of our ports meet which channels of an external offline; where the rule for links has no answer, those at the same position.
std::vector<std::pair<std::size_t, std::size_t>> pairs_with_external(const ChannelLayout& from, const ChannelLayout& to)
{
    if (const auto pairs = graph::pair_channels(from, to)) return *pairs;
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    for (std::size_t channel = 0; channel < from.size(); ++channel)
        if (const auto other = to.find(from[channel])) pairs.emplace_back(channel, *other);
    return pairs;
}

/// Hands actors that are ready to workers, the one that is furthest behind first, until every output has all it wants.
class Scheduler {
public:
    Scheduler(std::span<const std::unique_ptr<OfflineHost::Actor>> actors, std::size_t outputs, const std::atomic<bool>& interrupted)
        : actors_(actors), unfinished_(outputs), interrupted_(interrupted), over_(outputs == 0)
    {
    }

    Expected<void> run(unsigned threads)
    {
        std::vector<std::jthread> helpers;
        for (unsigned i = 1; i < threads; ++i) helpers.emplace_back([this] { work(); });
        work();
        helpers.clear();
        if (error_) return tl::unexpected(*error_);
        return {};
    }

private:
    void work()
    {
        const rt::FlushDenormals flush;
        double before = thread_cpu_seconds();
        std::unique_lock lock(mutex_);
        while (OfflineHost::Actor* actor = wait_for_ready(lock)) {
            actor->busy = true;
            lock.unlock();
            auto more = actor->run();
            const double now = thread_cpu_seconds();  // a system call: one for each block is enough, as waiting takes no time of it
            lock.lock();
            actor->cpu_seconds += now - std::exchange(before, now);
            finish(*actor, more);
        }
    }

    OfflineHost::Actor* wait_for_ready(std::unique_lock<std::mutex>& lock)
    {
        for (;;) {
            over_ = over_ || interrupted_.load(std::memory_order_relaxed);
            if (over_) break;
            if (OfflineHost::Actor* actor = furthest_behind()) return actor;
            changed_.wait(lock);
        }
        changed_.notify_all();
        return nullptr;
    }

    OfflineHost::Actor* furthest_behind()
    {
        OfflineHost::Actor* best = nullptr;
        for (const auto& actor : actors_)
            if ((best == nullptr || actor->done < best->done) && actor->ready()) best = actor.get();
        return best;
    }

    void finish(OfflineHost::Actor& actor, const Expected<bool>& more)
    {
        actor.busy = false;
        actor.done += actor.batch();
        if (!more && !error_) error_ = more.error();
        if (more && !*more && !std::exchange(actor.finished, true)) {
            actor.finished_at = actor.done;
            --unfinished_;
        }
        over_ = over_ || !more || unfinished_ == 0;
        changed_.notify_all();
    }

    std::span<const std::unique_ptr<OfflineHost::Actor>> actors_;
    std::size_t unfinished_;
    const std::atomic<bool>& interrupted_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool over_;
    std::optional<Error> error_;
};

OfflineHost::Actor::Work node_work(NodeRunner& runner, std::uint32_t quantum)
{
    return [&runner, quantum, inputs = std::vector<const float*>(), outputs = std::vector<float*>()](
               Frames clock, std::span<const float* const> in, std::span<float* const> out, std::uint32_t frames) mutable -> Expected<bool> {
        runner.node().fill(frames);
        for (std::uint32_t offset = 0; offset < frames; offset += quantum) {
            inputs.assign(in.begin(), in.end());
            outputs.assign(out.begin(), out.end());
            for (const float*& input : inputs)
                if (input != nullptr) input += offset;
            for (float*& output : outputs) output += offset;
            runner.run(clock + offset, inputs, outputs, std::min(quantum, frames - offset));
        }
        return true;
    };
}

/// It is behind the outputs: when it does its last block, the end is known.
OfflineHost::Actor::Work until(std::function<std::optional<Frames>()> end, OfflineHost::Actor::Work work)
{
    return [end = std::move(end), work = std::move(work)](Frames clock, std::span<const float* const> in, std::span<float* const> out,
                                                          std::uint32_t frames) -> Expected<bool> {
        const Frames stop = std::max(clock, end().value_or(clock + frames));
        const auto count = static_cast<std::uint32_t>(std::min<Frames>(frames, stop - clock));
        return count > 0 ? work(clock, in, out, count) : Expected<bool>(true);
    };
}

OfflineHost::Actor::Work output_work(OfflineOutput output)
{
    return [output = std::move(output), more = true, silence = std::vector<float>(), channels = std::vector<const float*>()](
               Frames clock, std::span<const float* const> in, std::span<float* const>, std::uint32_t frames) mutable -> Expected<bool> {
        if (!more) return false;
        silence.resize(frames, 0.0f);
        channels.assign(in.begin(), in.end());
        std::ranges::replace(channels, nullptr, silence.data());
        auto answer = output(clock, channels, frames);
        more = answer.value_or(false);
        return answer;
    };
}

}  // namespace

std::uint32_t OfflineHost::block_frames(const graph::Graph& graph, const Options& options)
{
    return graph::feeds_back(graph) ? options.quantum : std::max(options.quantum, options.block / options.quantum * options.quantum);
}

std::uint32_t OfflineHost::batch_frames(const graph::Graph& graph, const Options& options)
{
    const std::uint32_t block = block_frames(graph, options);
    const bool fits = !graph::feeds_back(graph) && largest_batch % block == 0 && Actor::depth % (largest_batch / block) == 0;
    return fits ? largest_batch : 0;
}

OfflineHost::OfflineHost(const graph::Graph& graph, std::vector<NodeRunner*> runners, const Options& options)
    : graph_(graph), options_(options)
{
    options_.block = block_frames(graph, options);
    const std::uint32_t batch = batch_frames(graph, options);
    for (std::uint32_t node = 0; node < runners.size(); ++node) {
        const bool batched = batch > 0 && runners[node]->node().wants_batches();
        auto work = node_work(*runners[node], batched ? batch : options_.quantum);
        if (graph.nodes[node].outputs == 0) work = until([this, node] { return end_ ? end_(node) : std::nullopt; }, std::move(work));
        const std::uint32_t blocks = batched ? batch / options_.block : 1;
        actors_.push_back(std::make_unique<Actor>(graph.nodes[node].inputs, graph.nodes[node].outputs, options_.block, std::move(work), blocks));
    }
    for (const graph::Wire& wire : graph_.wires)
        actors_[wire.to.node]->add_source(wire.to.port, {actors_[wire.from.node].get(), wire.from.port, wire.feedback});
}

OfflineHost::~OfflineHost() = default;

void OfflineHost::set_input(std::uint32_t external, const ChannelLayout& layout, OfflineInput input)
{
    auto work = [input = std::move(input)](Frames clock, std::span<const float* const>, std::span<float* const> out, std::uint32_t frames) -> Expected<bool> {
        input(clock, out, frames);
        return true;
    };
    Actor* actor = actors_.emplace_back(std::make_unique<Actor>(0, layout.size(), options_.block, std::move(work))).get();
    for (const graph::OuterLink& link : graph_.outer_links) {
        if (link.outward || link.external != external) continue;
        for (const auto& [from, to] : pairs_with_external(layout, link.layout))
            actors_[link.node]->add_source(link.first_port + static_cast<std::uint32_t>(to), {actor, static_cast<std::uint32_t>(from), false});
    }
}

void OfflineHost::set_output(std::uint32_t external, const ChannelLayout& layout, OfflineOutput output)
{
    Actor* actor = actors_.emplace_back(std::make_unique<Actor>(layout.size(), 0, options_.block, output_work(std::move(output)))).get();
    outputs_.push_back(actor);
    for (const graph::OuterLink& link : graph_.outer_links) {
        if (!link.outward || link.external != external) continue;
        for (const auto& [from, to] : pairs_with_external(link.layout, layout))
            actor->add_source(static_cast<std::uint32_t>(to), {actors_[link.node].get(), link.first_port + static_cast<std::uint32_t>(from), false});
    }
}

void OfflineHost::tap(std::uint32_t node, OfflineOutput output)
{
    const std::uint32_t ports = graph_.nodes[node].outputs;
    Actor* actor = actors_.emplace_back(std::make_unique<Actor>(ports, 0, options_.block, output_work(std::move(output)))).get();
    outputs_.push_back(actor);
    for (std::uint32_t port = 0; port < ports; ++port) actor->add_source(port, {actors_[node].get(), port, false});
}

/// What an output knows when it does a block must be the same in every run, whatever it is linked to: which sources have ended, and
/// what the first output has heard.
void OfflineHost::keep_outputs_behind()
{
    for (Actor* output : outputs_) {
        for (const auto& actor : actors_) {
            if (std::ranges::find(outputs_, actor.get()) != outputs_.end()) continue;
            if (actor->has_outputs()) output->wait_for(*actor);
            else actor->wait_for(*output);  // it must not hear more than the render lasts
        }
        if (output != outputs_.front()) output->wait_for(*outputs_.front());
    }
}

Expected<void> OfflineHost::run(const std::atomic<bool>& interrupted)
{
    keep_outputs_behind();
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    Scheduler scheduler(actors_, outputs_.size(), interrupted);
    if (auto done = scheduler.run(options_.threads > 0 ? options_.threads : cores); !done || interrupted) return done;
    return run_last_blocks();
}

/// What has no outputs is behind when the render is over: it hears as many blocks as the output that lasted longest.
Expected<void> OfflineHost::run_last_blocks()
{
    std::uint64_t blocks = 0;
    for (const Actor* output : outputs_) blocks = std::max(blocks, output->finished_at);
    const rt::FlushDenormals flush;
    for (const auto& actor : actors_) {
        const bool is_output = std::ranges::find(outputs_, actor.get()) != outputs_.end();
        for (; !is_output && !actor->has_outputs() && actor->done < blocks; actor->done += actor->batch())
            if (auto more = actor->run(); !more) return tl::unexpected(more.error());
    }
    return {};
}

double OfflineHost::cpu_seconds(std::uint32_t node) const noexcept
{
    return actors_[node]->cpu_seconds;
}

}  // namespace stemwire::host
