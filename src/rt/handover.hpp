// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "rt/spsc_queue.hpp"
#include "stemwire/thread_roles.hpp"

namespace stemwire::rt {

/// Gives objects that control has built to the realtime side, and takes back what that no longer needs, so that it never allocates or frees.
/// One thread on each side. An object belongs to whoever holds it; what lies in between is freed with this.
template <class T>
class Handover {
public:
    /// `held_at_most`: objects that the realtime side may hold at one time.
    explicit Handover(std::size_t held_at_most = 4) : retired_(held_at_most) {}
    ~Handover()
    {
        withdraw();
        collect();
    }
    Handover(const Handover&) = delete;
    Handover& operator=(const Handover&) = delete;

    // Control's side.
    /// Latest wins: an offer that was not yet taken comes back.
    std::unique_ptr<T> offer(std::unique_ptr<T> object) STEMWIRE_OFF(audio_thread) { return std::unique_ptr<T>(offered_.exchange(object.release(), std::memory_order_acq_rel)); }
    std::unique_ptr<T> withdraw() STEMWIRE_OFF(audio_thread) { return offer(nullptr); }
    [[nodiscard]] bool taken() const noexcept { return offered_.load(std::memory_order_acquire) == nullptr; }
    /// Frees what was retired; says how many.
    std::size_t collect() STEMWIRE_OFF(audio_thread)
    {
        return retired_.consume_all([](T* object) { delete object; });
    }

    // The realtime side. Guarantee: wait-free.
    /// What is offered, without taking it: valid until taken, if nothing else takes; only to be looked at when it is taken at once or left.
    [[nodiscard]] T* take() noexcept { return offered_.load(std::memory_order_relaxed) == nullptr ? nullptr : offered_.exchange(nullptr, std::memory_order_acq_rel); }
    /// False when control has not collected for long: keep the object and try again.
    [[nodiscard]] bool retire(T* object) noexcept { return retired_.push(object); }

private:
    std::atomic<T*> offered_{nullptr};
    SpscQueue<T*> retired_;  ///< producer: the realtime side; consumer: control
};

}  // namespace stemwire::rt
