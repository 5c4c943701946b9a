// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace stemwire::rt {

/// Flushes denormal numbers to zero on this thread while it lives, and puts back what was set before.
/// Guarantee: wait-free.
class FlushDenormals {
public:
#if defined(__SSE__)
    FlushDenormals() noexcept : before_(_mm_getcsr()) { _mm_setcsr(before_ | flush_to_zero | denormals_are_zero); }
    ~FlushDenormals() noexcept { _mm_setcsr(before_); }
#else
    FlushDenormals() noexcept = default;
#endif
    FlushDenormals(const FlushDenormals&) = delete;
    FlushDenormals& operator=(const FlushDenormals&) = delete;

private:
#if defined(__SSE__)
    // Intel 64 and IA-32 SDM, volume 1, section 10.2.3 (MXCSR).
    static constexpr unsigned flush_to_zero = 1u << 15;
    static constexpr unsigned denormals_are_zero = 1u << 6;
    unsigned before_;
#endif
};

}  // namespace stemwire::rt
