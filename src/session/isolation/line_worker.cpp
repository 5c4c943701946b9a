// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/isolation/line_worker.hpp"

#include <algorithm>
#include <chrono>

#include <unistd.h>

#include "rt/denormals.hpp"
#include "rt/worker_thread.hpp"
#include "stemwire/units.hpp"

namespace stemwire::session::isolation {

LineWorker::LineWorker(LineMemory& memory, Node& node, bool by_hand)
    : memory_(memory), node_(node), mask_(memory.shape().ring() - 1), inputs_(memory.shape().inputs, std::vector<float>(largest_quantum)),
      outputs_(memory.shape().outputs, std::vector<float>(largest_quantum))
{
    for (const auto& channel : inputs_) input_pointers_.push_back(channel.data());
    for (auto& channel : outputs_) output_pointers_.push_back(channel.data());
    begin();
    if (!by_hand) thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

LineWorker::~LineWorker() = default;

/// What comes from here on is ours. `done` is last: who sees it sees where we begin.
void LineWorker::begin() noexcept
{
    LineHead& head = memory_.head();
    next_ = head.handed.load(std::memory_order_acquire);
    const std::uint64_t written = head.written.load(std::memory_order_relaxed);
    head.record.cycles = 0;
    head.record.owner = static_cast<std::uint32_t>(getpid());
    head.begun.store(written, std::memory_order_relaxed);
    head.worked.store(next_, std::memory_order_relaxed);
    head.done.store(written, std::memory_order_release);
    head.lives.fetch_add(1, std::memory_order_release);
}

void LineWorker::run(const std::stop_token& stop) noexcept
{
    rt::raise_worker_priority();
    const rt::FlushDenormals flush;
    const auto glance = rt::worker_glance(memory_.shape().latency, memory_.shape().rate_hz);
    for (;;) {
        const bool over = stop.stop_requested();
        while (work_on()) {}
        if (over) return;
        std::this_thread::sleep_for(glance);
    }
}

bool LineWorker::work_on() noexcept
{
    LineHead& head = memory_.head();
    if (next_ == head.handed.load(std::memory_order_acquire)) return false;
    Piece piece = head.pieces[next_ % most_pieces];
    piece.frames = std::min(piece.frames, largest_quantum);
    const auto begin = std::chrono::steady_clock::now();
    copy_in(piece);
    {
        const EnterAudioThread role;
        node_.process({input_pointers_, output_pointers_, piece.frames, piece.transport});
    }
    copy_out(piece);
    head.done.store(piece.begin + piece.frames, std::memory_order_release);
    head.worked.store(++next_, std::memory_order_release);
    count(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
    return true;
}

void LineWorker::copy_in(const Piece& piece) noexcept
{
    const std::size_t at = piece.begin & mask_;
    const std::size_t first = std::min<std::size_t>(piece.frames, mask_ + 1 - at);
    for (std::size_t channel = 0; channel < inputs_.size(); ++channel) {
        const float* ring = memory_.input(channel);
        std::copy_n(ring + at, first, inputs_[channel].data());
        std::copy_n(ring, piece.frames - first, inputs_[channel].data() + first);
    }
}

void LineWorker::copy_out(const Piece& piece) noexcept
{
    const std::size_t at = piece.begin & mask_;
    const std::size_t first = std::min<std::size_t>(piece.frames, mask_ + 1 - at);
    for (std::size_t channel = 0; channel < outputs_.size(); ++channel) {
        float* ring = memory_.output(channel);
        std::copy_n(outputs_[channel].data(), first, ring + at);
        std::copy_n(outputs_[channel].data() + first, piece.frames - first, ring);
    }
}

void LineWorker::count(double us) noexcept
{
    shared::NodeRecord& record = memory_.head().record;
    busy_us_ += us;
    worst_us_ = std::max(worst_us_, us);
    ++cycles_;
    record.load_mean_us.store(busy_us_ / static_cast<double>(cycles_), std::memory_order_relaxed);
    record.load_worst_us.store(worst_us_, std::memory_order_relaxed);
    record.cycles.store(cycles_, std::memory_order_relaxed);
}

}  // namespace stemwire::session::isolation
