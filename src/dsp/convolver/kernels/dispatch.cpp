// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/kernels/dispatch.hpp"

#include "dsp/convolver/kernels/kernels.hpp"

namespace stemwire::dsp::convolver {

extern const Kernels STEMWIRE_KERNEL_TABLES;

std::span<const Kernels* const> usable_kernels() noexcept
{
    return usable_tables<STEMWIRE_KERNEL_TABLES>();
}

}  // namespace stemwire::dsp::convolver
