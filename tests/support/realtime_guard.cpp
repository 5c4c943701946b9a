// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/realtime_guard.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <dlfcn.h>

// The C library's own names for what is replaced below (glibc manual, "Replacing malloc").
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* memory);
}

namespace {

struct Offences {
    bool guarded = false;
    std::size_t count = 0;
    std::array<const char*, 8> calls{};
};

// Any other model would allocate when a thread comes here first, in malloc itself.
__attribute__((tls_model("initial-exec"))) thread_local Offences offences;

stemwire::test::TellOffence tell = nullptr;

void offend(const char* call)
{
    if (!offences.guarded) return;
    if (offences.count < offences.calls.size()) offences.calls[offences.count] = call;
    ++offences.count;
    if (tell == nullptr) return;
    offences.guarded = false;
    tell(call);
    offences.guarded = true;
}

}  // namespace

// Each takes the place of the C library's function by its name in the object file, so that its declaration need not be repeated to the letter.
#define STEMWIRE_FORBID_WITH(result, name, parameters, then)                                              \
    extern "C" __attribute__((visibility("default"))) result stemwire_##name parameters __asm__(#name);   \
    result stemwire_##name parameters                                                                     \
    {                                                                                                     \
        offend(#name);                                                                                    \
        then                                                                                              \
    }
#define STEMWIRE_FORBID(result, name, parameters, arguments)                                              \
    STEMWIRE_FORBID_WITH(result, name, parameters, {                                                      \
        static const auto next = reinterpret_cast<result(*) parameters>(dlsym(RTLD_NEXT, #name));         \
        return next arguments;                                                                            \
    })

// What allocates goes on to the C library without dlsym, which allocates.
STEMWIRE_FORBID_WITH(void*, malloc, (std::size_t size), return __libc_malloc(size);)
STEMWIRE_FORBID_WITH(void*, calloc, (std::size_t count, std::size_t size), return __libc_calloc(count, size);)
STEMWIRE_FORBID_WITH(void*, realloc, (void* memory, std::size_t size), return __libc_realloc(memory, size);)
STEMWIRE_FORBID_WITH(void*, memalign, (std::size_t alignment, std::size_t size), return __libc_memalign(alignment, size);)
STEMWIRE_FORBID_WITH(void*, aligned_alloc, (std::size_t alignment, std::size_t size), return __libc_memalign(alignment, size);)
STEMWIRE_FORBID_WITH(int, posix_memalign, (void** memory, std::size_t alignment, std::size_t size), {
    *memory = __libc_memalign(alignment, size);
    return *memory != nullptr ? 0 : ENOMEM;
})

extern "C" __attribute__((visibility("default"))) void stemwire_free(void* memory) __asm__("free");
void stemwire_free(void* memory)
{
    if (memory != nullptr) offend("free");
    __libc_free(memory);
}

STEMWIRE_FORBID(int, pthread_mutex_lock, (void* mutex), (mutex))
STEMWIRE_FORBID(int, pthread_mutex_timedlock, (void* mutex, const void* until), (mutex, until))
STEMWIRE_FORBID(int, pthread_mutex_clocklock, (void* mutex, int clock, const void* until), (mutex, clock, until))
STEMWIRE_FORBID(int, pthread_rwlock_rdlock, (void* lock), (lock))
STEMWIRE_FORBID(int, pthread_rwlock_wrlock, (void* lock), (lock))
STEMWIRE_FORBID(int, pthread_spin_lock, (void* lock), (lock))
STEMWIRE_FORBID(int, pthread_cond_wait, (void* condition, void* mutex), (condition, mutex))
STEMWIRE_FORBID(int, pthread_cond_timedwait, (void* condition, void* mutex, const void* until), (condition, mutex, until))
STEMWIRE_FORBID(int, pthread_cond_clockwait, (void* condition, void* mutex, int clock, const void* until), (condition, mutex, clock, until))
STEMWIRE_FORBID(int, pthread_cond_signal, (void* condition), (condition))
STEMWIRE_FORBID(int, pthread_cond_broadcast, (void* condition), (condition))
STEMWIRE_FORBID(int, pthread_create, (void* thread, const void* attributes, void* (*run)(void*), void* data), (thread, attributes, run, data))
STEMWIRE_FORBID(int, pthread_join, (unsigned long thread, void** result), (thread, result))
STEMWIRE_FORBID(int, sem_wait, (void* semaphore), (semaphore))
STEMWIRE_FORBID(int, sem_timedwait, (void* semaphore, const void* until), (semaphore, until))
STEMWIRE_FORBID(int, sem_clockwait, (void* semaphore, int clock, const void* until), (semaphore, clock, until))
STEMWIRE_FORBID(int, sem_post, (void* semaphore), (semaphore))

// Functions with "..." take their further arguments as any other function does, on every system that PipeWire runs on.
STEMWIRE_FORBID(long, syscall, (long number, long a, long b, long c, long d, long e, long f), (number, a, b, c, d, e, f))
STEMWIRE_FORBID(int, ioctl, (int file, unsigned long request, long argument), (file, request, argument))
STEMWIRE_FORBID(int, fcntl, (int file, int command, long argument), (file, command, argument))
STEMWIRE_FORBID(int, fcntl64, (int file, int command, long argument), (file, command, argument))
STEMWIRE_FORBID(int, open, (const char* path, int flags, unsigned mode), (path, flags, mode))
STEMWIRE_FORBID(int, open64, (const char* path, int flags, unsigned mode), (path, flags, mode))
STEMWIRE_FORBID(int, openat, (int folder, const char* path, int flags, unsigned mode), (folder, path, flags, mode))
STEMWIRE_FORBID(int, close, (int file), (file))
STEMWIRE_FORBID(long, read, (int file, void* to, std::size_t size), (file, to, size))
STEMWIRE_FORBID(long, write, (int file, const void* from, std::size_t size), (file, from, size))
STEMWIRE_FORBID(long, readv, (int file, const void* parts, int count), (file, parts, count))
STEMWIRE_FORBID(long, writev, (int file, const void* parts, int count), (file, parts, count))
STEMWIRE_FORBID(long, pread64, (int file, void* to, std::size_t size, long at), (file, to, size, at))
STEMWIRE_FORBID(long, pwrite64, (int file, const void* from, std::size_t size, long at), (file, from, size, at))
STEMWIRE_FORBID(long, lseek64, (int file, long offset, int whence), (file, offset, whence))
STEMWIRE_FORBID(int, fsync, (int file), (file))
STEMWIRE_FORBID(long, send, (int socket, const void* from, std::size_t size, int flags), (socket, from, size, flags))
STEMWIRE_FORBID(long, recv, (int socket, void* to, std::size_t size, int flags), (socket, to, size, flags))
STEMWIRE_FORBID(long, sendmsg, (int socket, const void* message, int flags), (socket, message, flags))
STEMWIRE_FORBID(long, recvmsg, (int socket, void* message, int flags), (socket, message, flags))
STEMWIRE_FORBID(int, eventfd_write, (int file, unsigned long value), (file, value))
STEMWIRE_FORBID(int, poll, (void* files, unsigned long count, int milliseconds), (files, count, milliseconds))
STEMWIRE_FORBID(int, epoll_wait, (int file, void* events, int count, int milliseconds), (file, events, count, milliseconds))
STEMWIRE_FORBID(int, nanosleep, (const void* time, void* rest), (time, rest))
STEMWIRE_FORBID(int, clock_nanosleep, (int clock, int flags, const void* time, void* rest), (clock, flags, time, rest))
STEMWIRE_FORBID(int, usleep, (unsigned microseconds), (microseconds))
STEMWIRE_FORBID(int, sched_yield, (), ())
STEMWIRE_FORBID(void*, mmap, (void* at, std::size_t size, int protection, int flags, int file, long offset), (at, size, protection, flags, file, offset))
STEMWIRE_FORBID(int, munmap, (void* at, std::size_t size), (at, size))
STEMWIRE_FORBID(int, madvise, (void* at, std::size_t size, int advice), (at, size, advice))
STEMWIRE_FORBID(int, mlock, (const void* at, std::size_t size), (at, size))
STEMWIRE_FORBID(void*, fopen, (const char* path, const char* mode), (path, mode))
STEMWIRE_FORBID(void*, fopen64, (const char* path, const char* mode), (path, mode))
STEMWIRE_FORBID(std::size_t, fwrite, (const void* from, std::size_t size, std::size_t count, void* file), (from, size, count, file))
STEMWIRE_FORBID(int, fflush, (void* file), (file))

extern "C" __attribute__((visibility("default"), noreturn)) void stemwire_throw(void* thrown, void* type, void (*destroy)(void*)) __asm__("__cxa_throw");
void stemwire_throw(void* thrown, void* type, void (*destroy)(void*))
{
    using Throw = void (*)(void*, void*, void (*)(void*));
    offend("throw");
    static const auto next = reinterpret_cast<Throw>(dlsym(RTLD_NEXT, "__cxa_throw"));
    next(thrown, type, destroy);
    __builtin_unreachable();
}

namespace stemwire::test {

RealtimeGuard::RealtimeGuard() noexcept
{
    ::offences = {.guarded = true};
}

RealtimeGuard::~RealtimeGuard()
{
    ::offences.guarded = false;
}

std::size_t RealtimeGuard::offences() const noexcept
{
    return ::offences.count;
}

std::string RealtimeGuard::calls() const
{
    const bool guarded = std::exchange(::offences.guarded, false);
    std::string names;
    for (std::size_t i = 0; i < std::min(::offences.count, ::offences.calls.size()); ++i) names += (names.empty() ? "" : " ") + std::string(::offences.calls[i]);
    ::offences.guarded = guarded;
    return names;
}

void tell_offences_to(TellOffence to) noexcept
{
    tell = to;
}

}  // namespace stemwire::test
