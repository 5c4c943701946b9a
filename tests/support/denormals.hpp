// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace stemwire::test {

/// True where this thread takes denormals for zero and makes none; elsewhere than on x86 nobody can tell.
inline bool flushes_denormals(bool otherwise = true) noexcept
{
#if defined(__SSE__)
    static_cast<void>(otherwise);
    // Intel 64 and IA-32 SDM, volume 1, section 10.2.3: flush to zero, and denormals are zero.
    constexpr unsigned both_flags = 1u << 15 | 1u << 6;
    return (_mm_getcsr() & both_flags) == both_flags;
#else
    return otherwise;
#endif
}

}  // namespace stemwire::test
