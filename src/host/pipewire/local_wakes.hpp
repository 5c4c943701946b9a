// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include <pthread.h>

#include <pipewire/pipewire.h>
#include <spa/support/system.h>

namespace stemwire::host {

/// Wakes among the sources of one data loop that never leave it. A source waits for an event file, and whoever wakes it writes to one. Where
/// both are on this loop, the write is kept in a list and handed out by the loop's next wait, in the order of the writes, without a call into
/// the kernel, a switch of threads or a server in between. All else goes to the system interface that the loop had, whose place this takes.
/// Made and ended on the main loop, while the loop lives; `add`, `remove` and `route` are called there too. Sources enter and leave the loop on any
/// thread, as the library's version will have it.
class LocalWakes {
public:
    /// One source of the loop. `fd` belongs to whoever made it.
    struct Source {
        explicit Source(int file) : fd(file) {}
        const int fd;                         ///< what it waits for
        std::vector<int> signals;             ///< main loop: files that wake it
        std::atomic<void*> polled{nullptr};   ///< what the loop's wait hands out; null while the source is not in the loop
        std::atomic<std::uint32_t> left{0};   ///< how often it was taken out of the loop: what was written before that wakes nobody
        // The data loop's.
        Source* next = nullptr;               ///< in the list of those that are due
        std::uint32_t woken_after = 0;        ///< `left` when it was last written to
        bool due = false;                     ///< is in that list
        bool handed_out = false;              ///< was handed out, and not read yet
    };

    explicit LocalWakes(pw_data_loop* loop);
    ~LocalWakes();
    LocalWakes(const LocalWakes&) = delete;
    LocalWakes& operator=(const LocalWakes&) = delete;

    /// False where the library, or its loop's system interface, is of a version that we do not know: then nothing is taken over.
    [[nodiscard]] bool active() const noexcept { return inner_.funcs != nullptr; }
    /// A source that will wait for `fd`; to be told before it is put into the loop. Lives until it is removed.
    [[nodiscard]] Source* add(int fd);
    void remove(Source* source);
    /// Whatever a file of this number was, it is another now.
    void forget(int fd) noexcept { files_.clear(fd); }
    /// What the loop writes to `signal` wakes `source`, until `signal` is closed through the loop's system interface.
    void route(int signal, Source* source);

private:
    struct Interface;
    /// Sources by file: written on the main loop, read by the data loop.
    class Files {
    public:
        [[nodiscard]] Source* find(int fd) const noexcept;
        void set(int fd, Source* source);
        void clear(int fd) noexcept;

    private:
        static constexpr int page_size = 512;
        using Page = std::array<std::atomic<Source*>, page_size>;
        std::array<std::atomic<Page*>, 2048> pages_{};
        std::vector<std::unique_ptr<Page>> kept_;
    };

    int poll_add(int poll, int fd, std::uint32_t events, void* data) noexcept;
    int poll_remove(int poll, int fd) noexcept;
    // None of these throws, but the kernel's calls beneath them are where the library may cancel the loop's thread (`loop.cancel`), which unwinds.
    int poll_wait(int poll, spa_poll_event* events, int count, int timeout);
    int event_write(int fd, std::uint64_t count);
    int event_read(int fd, std::uint64_t* count);
    int close_file(int fd);

    [[nodiscard]] const spa_system_methods& inner() const noexcept { return *static_cast<const spa_system_methods*>(inner_.funcs); }
    [[nodiscard]] Source* waiting_for(int fd) const noexcept;
    [[nodiscard]] bool in_loop() const noexcept;
    [[nodiscard]] static void* awaited(const Source& source) noexcept;
    static void leave(Source& source) noexcept;
    void append(Source& source) noexcept;
    void prepend(Source& source) noexcept;
    void hand_out_again() noexcept;
    [[nodiscard]] int hand_out(spa_poll_event* events, int count) noexcept;
    void forget(Source& source) noexcept;

    pw_data_loop* loop_;
    spa_system* system_;
    spa_callbacks inner_{};  ///< what was there before
    Files files_;
    std::vector<std::unique_ptr<Source>> sources_;
    // The data loop's.
    Source* first_due_ = nullptr;
    Source* last_due_ = nullptr;
    int waits_ = 0;                    ///< since the kernel was asked
    int handed_out_ = 0;               ///< and not read yet
    std::array<Source*, 32> batch_{};  ///< what was handed out at once; as many as a loop takes
    std::size_t batch_size_ = 0;
    std::atomic<pthread_t> thread_{};  ///< that waits
};

}  // namespace stemwire::host
