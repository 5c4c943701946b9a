// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/isolation/isolated_process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <memory>
#include <utility>

#include <sys/mman.h>

#include "media/decode_pool.hpp"
#include "session/isolation/line_worker.hpp"
#include "session/shared/stand_in_node.hpp"

namespace stemwire::session {

namespace {

using isolation::CueWish;
using isolation::LineMemory;
using isolation::LineWorker;

constexpr unsigned decode_workers = 1;
/// Between two looks at what the session says.
constexpr timespec look_period{.tv_sec = 0, .tv_nsec = 5'000'000};

/// Signals of the terminal are the session's, which ends us in order: by SIGTERM. Before all threads.
sigset_t block_signals()
{
    sigset_t ours;
    sigemptyset(&ours);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&ours, signal);
    sigprocmask(SIG_BLOCK, &ours, nullptr);
    sigset_t end;
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    return end;
}

/// What the node is told beside its audio, and what it says.
class Conversation {
public:
    Conversation(LineMemory& memory, Node& node, const IsolatedRequest& request) : memory_(memory), node_(node), request_(request) { look(); }

    void look()
    {
        const auto values = memory_.values();
        auto& live = node_.live().all();
        for (std::size_t index = 0; index < std::min(values.size(), live.size()); ++index) live[index].set(values[index].load(std::memory_order_relaxed));
        if (const Frames late = memory_.head().late.load(std::memory_order_relaxed); std::exchange(late_, late) != late) node_.hear_late(late);
        const CueWish wish = memory_.head().cue.get();
        if (wish.number != answered_) take(wish);
        publish(node_, epoch_, memory_.head().record, memory_.meters());
        memory_.head().cue_answered.store(answered_, std::memory_order_release);
        while (auto message = node_.take_message()) request_.say(request_.node + ": " + *message);
    }

private:
    /// Of an epoch that plays already, only what is still to come.
    void take(const CueWish& wish)
    {
        Cue cue = wish.cue;
        const TransportSegment playing = memory_.head().playing.get();
        if (playing.rolling && playing.epoch == cue.epoch) cue.begin = std::max(cue.begin, playing.unrolled + playing.frames);
        node_.cue(cue);
        epoch_ = cue.epoch;
        answered_ = wish.number;
    }

    LineMemory& memory_;
    Node& node_;
    const IsolatedRequest& request_;
    Frames late_ = 0;
    Epoch epoch_ = 0;
    std::uint64_t answered_ = 0;
};

tl::unexpected<Errors> failed(const IsolatedRequest& request, Error error)
{
    if (error.file.empty()) error.message = request.node + ": " + error.message;
    return tl::unexpected(Errors{std::move(error)});
}

}  // namespace

tl::expected<void, Errors> run_isolated(const IsolatedRequest& request)
{
    const sigset_t end = block_signals();
    auto memory = LineMemory::open(request.descriptor);
    if (!memory) return failed(request, memory.error());
    const preset::Loaded loaded = preset::load_text((*memory)->text(), request.path, request.overrides);
    if (!loaded.preset) return tl::unexpected(loaded.errors);
    const auto model = std::ranges::find(loaded.preset->nodes, request.node, &preset::NodeModel::name);
    if (model == loaded.preset->nodes.end()) return failed(request, {"the preset has no node of this name"});
    media::DecodePool decoders(decode_workers);
    auto node = model->type->make({model->name, model->settings, model->ports, decoders});
    if (!node) return failed(request, node.error());
    if (auto prepared = (*node)->prepare({.rate_hz = (*memory)->shape().rate_hz, .quantum = (*memory)->shape().quantum}); !prepared)
        return failed(request, prepared.error());
    mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
    {
        Conversation conversation(**memory, **node, request);
        const LineWorker worker(**memory, **node);
        while (sigtimedwait(&end, nullptr, &look_period) < 0) conversation.look();
    }
    (*node)->finish();
    return {};
}

}  // namespace stemwire::session
