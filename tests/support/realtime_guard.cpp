// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/realtime_guard.hpp"

#include <cerrno>

#include <dlfcn.h>
#include <pthread.h>

// The C library's own names for what is replaced below (glibc manual, "Replacing malloc").
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* memory);
}

namespace {

thread_local bool guarded = false;
thread_local std::size_t offences = 0;

void offend()
{
    if (guarded) ++offences;
}

}  // namespace

extern "C" {

void* malloc(std::size_t size)
{
    offend();
    return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size)
{
    offend();
    return __libc_calloc(count, size);
}

void* realloc(void* memory, std::size_t size)
{
    offend();
    return __libc_realloc(memory, size);
}

void* memalign(std::size_t alignment, std::size_t size)
{
    offend();
    return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size)
{
    offend();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t size)
{
    offend();
    *memory = __libc_memalign(alignment, size);
    return *memory != nullptr ? 0 : ENOMEM;
}

void free(void* memory)
{
    if (memory != nullptr) offend();
    __libc_free(memory);
}

int pthread_mutex_lock(pthread_mutex_t* mutex)
{
    static const auto lock = reinterpret_cast<int (*)(pthread_mutex_t*)>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
    offend();
    return lock(mutex);
}

}  // extern "C"

namespace stemwire::test {

RealtimeGuard::RealtimeGuard() noexcept
{
    ::offences = 0;
    guarded = true;
}

RealtimeGuard::~RealtimeGuard()
{
    guarded = false;
}

std::size_t RealtimeGuard::offences() const noexcept
{
    return ::offences;
}

}  // namespace stemwire::test
