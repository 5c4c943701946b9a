// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt/trace.hpp"

#include <algorithm>
#include <deque>
#include <mutex>

#include "rt/trace_rings.hpp"

namespace stemwire::rt::trace {

namespace {

struct Names {
    std::mutex mutex;
    std::deque<NameText> texts{{"thread", "thread", "number"}};  // [Name]
};

Names& names()
{
    static Names all;
    return all;
}

/// Plain data, so that a thread's first use of it does nothing but point at it.
struct ThisThread {
    Ring* ring;
    Name name;
};
thread_local constinit ThisThread this_thread{nullptr, Name::none};

/// Set before the first trace is on.
std::atomic<Rings*> rings{nullptr};

void record(const Event& event) noexcept
{
    Rings* all = rings.load(std::memory_order_acquire);
    if (all == nullptr) return;
    if (this_thread.ring == nullptr) this_thread.ring = all->claim(this_thread.name);
    if (this_thread.ring == nullptr || !this_thread.ring->events.push(event)) all->lost.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

Name name(std::string_view category, std::string_view text, std::string_view number)
{
    Names& all = names();
    const std::scoped_lock lock(all.mutex);
    const auto known = std::ranges::find_if(all.texts, [&](const NameText& name) {
        return name.category == category && name.text == text && name.number == number;
    });
    const auto index = static_cast<std::uint32_t>(known - all.texts.begin());
    if (known == all.texts.end()) all.texts.push_back({std::string(category), std::string(text), std::string(number)});
    return Name{index};
}

NameText text_of(Name name)
{
    Names& all = names();
    const std::scoped_lock lock(all.mutex);
    return all.texts[static_cast<std::size_t>(name)];
}

void call_thread(Name name) noexcept
{
    this_thread.name = name;
}

void span(Name name, Nanoseconds begin, Nanoseconds end, std::int64_t number) noexcept
{
    record({begin, end, number, name, Event::Kind::span});
}

void instant(Name name, std::int64_t number) noexcept
{
    const Nanoseconds at = now();
    record({at, at, number, name, Event::Kind::instant});
}

Rings::Rings()
{
    for (auto& ring : rings_) {
        ring = std::make_unique<Ring>();
        for (std::size_t event = 0; event < ring_events; ++event) ring->events.push({});
        ring->events.reset();
    }
}

Rings& Rings::get()
{
    static Rings all;
    rings.store(&all, std::memory_order_release);
    return all;
}

Ring* Rings::claim(Name thread) noexcept
{
    const std::size_t index = claimed_.fetch_add(1, std::memory_order_relaxed);
    if (index >= most_threads) return nullptr;
    rings_[index]->thread = thread;
    return rings_[index].get();
}

}  // namespace stemwire::rt::trace
