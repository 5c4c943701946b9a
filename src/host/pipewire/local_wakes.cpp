// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/local_wakes.hpp"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <utility>

#include "host/pipewire/data_loop.hpp"
#include "host/pipewire/library.hpp"

namespace stemwire::host {

namespace {

/// Of the system interface's methods.
constexpr std::uint32_t known_version = 0;
/// From here on the library's loop has not been read.
constexpr std::array first_unknown_loop{1, 7, 0};
/// Waits that hand out what is due here, and then one that asks the kernel: what others want of the loop must not wait for a long chain.
constexpr int waits_in_turn = 8;

}  // namespace

/// What the loop calls from now on: `object` is a LocalWakes.
struct LocalWakes::Interface {
    static LocalWakes& self(void* object) { return *static_cast<LocalWakes*>(object); }

    /// A method that only passes the call on to what was there before.
    template <auto method>
    struct PassedOn;
    template <class Result, class... Arguments, Result (*spa_system_methods::*method)(void*, Arguments...)>
    struct PassedOn<method> {
        static Result call(void* object, Arguments... arguments)
        {
            return (self(object).inner().*method)(self(object).inner_.data, arguments...);
        }
    };
    template <auto method>
    static void pass_on(spa_system_methods& methods)
    {
        methods.*method = PassedOn<method>::call;
    }

    static int control(void* object, int fd, unsigned long request, ...)
    {
        va_list arguments;
        va_start(arguments, request);
        void* const argument = va_arg(arguments, void*);
        va_end(arguments);
        return self(object).inner().ioctl(self(object).inner_.data, fd, request, argument);
    }
    static spa_system_methods methods();
};

spa_system_methods LocalWakes::Interface::methods()
{
    using M = spa_system_methods;
    M methods{};
    methods.version = known_version;
    pass_on<&M::read>(methods);
    pass_on<&M::write>(methods);
    methods.ioctl = control;
    pass_on<&M::clock_gettime>(methods);
    pass_on<&M::clock_getres>(methods);
    pass_on<&M::pollfd_create>(methods);
    pass_on<&M::pollfd_mod>(methods);
    pass_on<&M::timerfd_create>(methods);
    pass_on<&M::timerfd_settime>(methods);
    pass_on<&M::timerfd_gettime>(methods);
    pass_on<&M::timerfd_read>(methods);
    pass_on<&M::eventfd_create>(methods);
    pass_on<&M::signalfd_create>(methods);
    pass_on<&M::signalfd_read>(methods);
    methods.close = [](void* object, int fd) { return self(object).close_file(fd); };
    methods.pollfd_add = [](void* object, int poll, int fd, std::uint32_t events, void* data) {
        return self(object).poll_add(poll, fd, events, data);
    };
    methods.pollfd_del = [](void* object, int poll, int fd) { return self(object).poll_remove(poll, fd); };
    methods.pollfd_wait = [](void* object, int poll, spa_poll_event* events, int count, int timeout) {
        return self(object).poll_wait(poll, events, count, timeout);
    };
    methods.eventfd_write = [](void* object, int fd, std::uint64_t count) { return self(object).event_write(fd, count); };
    methods.eventfd_read = [](void* object, int fd, std::uint64_t* count) { return self(object).event_read(fd, count); };
    return methods;
}

LocalWakes::LocalWakes(pw_data_loop* loop) : loop_(loop), system_(pw_data_loop_get_loop(loop)->system)
{
    static const spa_system_methods methods = Interface::methods();
    const spa_callbacks found = system_->iface.cb;
    if (library_version() >= first_unknown_loop || static_cast<const spa_system_methods*>(found.funcs)->version != known_version) return;
    static_cast<void>(thread_of(loop_));
    beside(loop_, [&] {
        inner_ = found;
        system_->iface.cb = spa_callbacks{&methods, this};
    });
}

LocalWakes::~LocalWakes()
{
    if (active()) beside(loop_, [&] { system_->iface.cb = inner_; });
}

LocalWakes::Source* LocalWakes::add(int fd)
{
    Source* const source = sources_.emplace_back(std::make_unique<Source>(fd)).get();
    files_.set(fd, source);
    return source;
}

void LocalWakes::remove(Source* source)
{
    run_on(loop_, [&] {
        for (const int signal : source->signals)
            if (files_.find(signal) == source) files_.clear(signal);
        if (files_.find(source->fd) == source) files_.clear(source->fd);
        forget(*source);
    });
    std::erase_if(sources_, [&](const std::unique_ptr<Source>& one) { return one.get() == source; });
}

void LocalWakes::route(int signal, Source* source)
{
    if (std::ranges::find(source->signals, signal) == source->signals.end()) source->signals.push_back(signal);
    files_.set(signal, source);
}

LocalWakes::Source* LocalWakes::waiting_for(int fd) const noexcept
{
    Source* const source = files_.find(fd);
    return source != nullptr && source->fd == fd ? source : nullptr;
}

bool LocalWakes::in_loop() const noexcept
{
    return pthread_equal(thread_.load(std::memory_order_relaxed), pthread_self()) != 0;
}

/// What the loop's wait hands out for it; null where it was taken out of the loop since it was woken. Where that happens on another thread while the
/// loop waits, the answer may be outdated at once, but then the loop drops all that the wait has given.
void* LocalWakes::awaited(const Source& source) noexcept
{
    return source.woken_after == source.left.load(std::memory_order_acquire) ? source.polled.load(std::memory_order_acquire) : nullptr;
}

void LocalWakes::leave(Source& source) noexcept
{
    source.left.fetch_add(1, std::memory_order_release);
    source.polled.store(nullptr, std::memory_order_release);
}

int LocalWakes::poll_add(int poll, int fd, std::uint32_t events, void* data) noexcept
{
    const int result = inner().pollfd_add(inner_.data, poll, fd, events, data);
    if (Source* const source = waiting_for(fd); source != nullptr && result >= 0) source->polled.store(data, std::memory_order_release);
    return result;
}

int LocalWakes::poll_remove(int poll, int fd) noexcept
{
    if (Source* const source = waiting_for(fd); source != nullptr) leave(*source);
    return inner().pollfd_del(inner_.data, poll, fd);
}

// On the data loop from here on, but for close_file.

void LocalWakes::append(Source& source) noexcept
{
    source.due = true;
    source.next = nullptr;
    (first_due_ == nullptr ? first_due_ : last_due_->next) = &source;
    last_due_ = &source;
}

void LocalWakes::prepend(Source& source) noexcept
{
    source.due = true;
    source.next = first_due_;
    if (first_due_ == nullptr) last_due_ = &source;
    first_due_ = &source;
}

void LocalWakes::forget(Source& source) noexcept
{
    if (std::exchange(source.handed_out, false)) --handed_out_;
    std::replace(batch_.begin(), batch_.begin() + static_cast<std::ptrdiff_t>(batch_size_), &source, static_cast<Source*>(nullptr));
    if (!std::exchange(source.due, false)) return;
    Source* before = nullptr;
    for (Source* one = first_due_; one != &source; one = one->next) before = one;
    (before == nullptr ? first_due_ : before->next) = source.next;
    if (last_due_ == &source) last_due_ = before;
}

/// What was handed out and not read is still to be done, as with a file: since 1.5.81 a loop drops what a wait has given when a source, any source, was
/// taken out of the loop meanwhile.
void LocalWakes::hand_out_again() noexcept
{
    for (std::size_t i = batch_size_; i-- > 0;) {
        Source* const source = batch_[i];
        if (source != nullptr && std::exchange(source->handed_out, false) && !source->due) prepend(*source);
    }
    handed_out_ = 0;
}

/// At most as many as a batch has room for.
int LocalWakes::hand_out(spa_poll_event* events, int count) noexcept
{
    batch_size_ = 0;
    while (first_due_ != nullptr && batch_size_ < std::min(static_cast<std::size_t>(count), batch_.size())) {
        Source& source = *std::exchange(first_due_, first_due_->next);
        source.due = false;
        void* const polled = awaited(source);
        if (polled == nullptr) continue;
        source.handed_out = true;
        ++handed_out_;
        events[batch_size_] = {SPA_IO_IN, polled};
        batch_[batch_size_++] = &source;
    }
    return static_cast<int>(batch_size_);
}

/// What is due here goes first: it belongs to a cycle that is under way, and each node is due once in it. Never both at a time: the loop
/// would drop a source that it is given twice.
int LocalWakes::poll_wait(int poll, spa_poll_event* events, int count, int timeout)
{
    thread_.store(pthread_self(), std::memory_order_relaxed);
    if (handed_out_ > 0) hand_out_again();
    if (first_due_ == nullptr || ++waits_ > waits_in_turn) {
        waits_ = 0;
        const int ready = inner().pollfd_wait(inner_.data, poll, events, count, first_due_ == nullptr ? timeout : 0);
        if (ready > 0 || first_due_ == nullptr) return ready;
    }
    return hand_out(events, count);
}

int LocalWakes::event_write(int fd, std::uint64_t count)
{
    Source* const source = files_.find(fd);
    if (source == nullptr || source->fd == fd || !in_loop() || source->polled.load(std::memory_order_acquire) == nullptr)
        return inner().eventfd_write(inner_.data, fd, count);
    source->woken_after = source->left.load(std::memory_order_acquire);
    if (!source->due && !source->handed_out) append(*source);
    return 0;
}

int LocalWakes::event_read(int fd, std::uint64_t* count)
{
    // Most reads are of what others woke, and nodes by the hundred are cold: not to look is worth a question beforehand.
    if (!in_loop() || handed_out_ == 0) return inner().eventfd_read(inner_.data, fd, count);
    Source* const source = waiting_for(fd);
    if (source == nullptr || !std::exchange(source->handed_out, false)) return inner().eventfd_read(inner_.data, fd, count);
    --handed_out_;
    if (awaited(*source) == nullptr) return inner().eventfd_read(inner_.data, fd, count);
    *count = 1;
    return 0;
}

/// A number that is closed may soon be another file's.
int LocalWakes::close_file(int fd)
{
    if (Source* const source = waiting_for(fd); source != nullptr) leave(*source);
    files_.clear(fd);
    return inner().close(inner_.data, fd);
}

LocalWakes::Source* LocalWakes::Files::find(int fd) const noexcept
{
    if (fd < 0 || fd >= static_cast<int>(pages_.size()) * page_size) return nullptr;
    const Page* const page = pages_[static_cast<std::size_t>(fd / page_size)].load(std::memory_order_acquire);
    return page == nullptr ? nullptr : (*page)[static_cast<std::size_t>(fd % page_size)].load(std::memory_order_acquire);
}

void LocalWakes::Files::set(int fd, Source* source)
{
    if (fd < 0 || fd >= static_cast<int>(pages_.size()) * page_size) return;
    std::atomic<Page*>& page = pages_[static_cast<std::size_t>(fd / page_size)];
    if (page.load(std::memory_order_relaxed) == nullptr)
        page.store(kept_.emplace_back(std::make_unique<Page>()).get(), std::memory_order_release);
    (*page.load(std::memory_order_relaxed))[static_cast<std::size_t>(fd % page_size)].store(source, std::memory_order_release);
}

void LocalWakes::Files::clear(int fd) noexcept
{
    if (find(fd) == nullptr) return;
    Page& page = *pages_[static_cast<std::size_t>(fd / page_size)].load(std::memory_order_relaxed);
    page[static_cast<std::size_t>(fd % page_size)].store(nullptr, std::memory_order_release);
}

}  // namespace stemwire::host
