// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace stemwire::dsp::convolver {

/// Allocates at the start of a cache line, which is also as long as the widest vector.
template <class T>
struct LineAllocator {
    using value_type = T;
    static constexpr std::align_val_t line{64};

    LineAllocator() = default;
    template <class Other>
    LineAllocator(const LineAllocator<Other>&) noexcept {}

    [[nodiscard]] T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), line)); }
    void deallocate(T* memory, std::size_t) noexcept { ::operator delete(memory, line); }
    friend bool operator==(const LineAllocator&, const LineAllocator&) = default;
};

using AlignedFloats = std::vector<float, LineAllocator<float>>;

}  // namespace stemwire::dsp::convolver
