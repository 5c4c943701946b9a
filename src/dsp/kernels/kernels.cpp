// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled once for each instruction set, with STEMWIRE_KERNELS naming the table. What it includes must not define functions that
// the linker could share with other files: they might be taken from a file that is compiled for a newer processor.
#include "dsp/kernels/kernels.hpp"

#include "dsp/kernels/biquad.hpp"
#include "dsp/kernels/compress.hpp"
#include "dsp/kernels/measure.hpp"
#include "dsp/kernels/mix.hpp"
#include "dsp/kernels/true_peak.hpp"

namespace stemwire::dsp {

extern const Kernels STEMWIRE_KERNELS;
const Kernels STEMWIRE_KERNELS{
    .name = STEMWIRE_KERNELS_NAME,
    .mix = &mix_block,
    .mix_pair = &mix_pair_block,
    .mix_measured = &mix_measured_block,
    .mix_pair_measured = &mix_pair_measured_block,
    .measure = &measure_terms,
    .wanted_reductions = &wanted_reductions,
    .gains_of_reductions = &gains_of_reductions,
    .filter = &filter_piece,
    .true_peaks = &true_peaks_of_piece,
};

}  // namespace stemwire::dsp
