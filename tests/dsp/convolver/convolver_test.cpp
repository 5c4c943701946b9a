// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/convolver/convolver.hpp"

#include <bit>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>

#include <gtest/gtest.h>

#include "rt/denormals.hpp"
#include "tests/support/lambda_node.hpp"

namespace stemwire::dsp {

namespace {

using Signal = std::vector<float>;
using Signals = std::vector<Signal>;

/// So loud that its convolution with an impulse of energy 1 peaks just below full scale: its deviation is 0.25 / √3, and a
/// million normal numbers stay within 5 deviations.
Signal noise(std::size_t frames, std::uint64_t seed)
{
    Signal signal(frames);
    for (std::size_t i = 0; i < frames; ++i) signal[i] = 0.25f * test::noise(i, seed);
    return signal;
}

/// Noise that dies away by 60 dB over its length, with the energy 1, so that the output is about as loud as the input.
Signal hall(std::size_t frames, std::uint64_t seed)
{
    Signal impulse = noise(frames, seed);
    double energy = 0.0;
    for (std::size_t i = 0; i < frames; ++i) {
        impulse[i] *= static_cast<float>(std::pow(10.0, -3.0 * static_cast<double>(i) / static_cast<double>(frames)));
        energy += static_cast<double>(impulse[i]) * static_cast<double>(impulse[i]);
    }
    for (float& tap : impulse) tap = static_cast<float>(static_cast<double>(tap) / std::sqrt(energy));
    return impulse;
}

/// A recursive transform in double precision: the oracle for lengths at which a direct sum would take minutes.
void transform(std::vector<std::complex<double>>& values, double sign)
{
    const std::size_t size = values.size();
    if (size == 1) return;
    std::vector<std::complex<double>> even, odd;
    for (std::size_t i = 0; i < size; i += 2) {
        even.push_back(values[i]);
        odd.push_back(values[i + 1]);
    }
    transform(even, sign);
    transform(odd, sign);
    for (std::size_t k = 0; k < size / 2; ++k) {
        const auto turned = std::polar(1.0, sign * 2.0 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(size)) * odd[k];
        values[k] = even[k] + turned;
        values[k + size / 2] = even[k] - turned;
    }
}

/// The first `frames` frames of a ∗ b.
std::vector<double> exact_convolution(const Signal& a, const Signal& b, std::size_t frames)
{
    const std::size_t size = std::bit_ceil(std::max(a.size() + b.size(), frames));
    std::vector<std::complex<double>> first(a.begin(), a.end()), second(b.begin(), b.end());
    first.resize(size);
    second.resize(size);
    transform(first, -1.0);
    transform(second, -1.0);
    for (std::size_t i = 0; i < size; ++i) first[i] *= second[i];
    transform(first, 1.0);
    std::vector<double> result(frames);
    for (std::size_t i = 0; i < frames; ++i) result[i] = first[i].real() / static_cast<double>(size);
    return result;
}

/// Runs `frames` frames, silence after the inputs' end, in calls of next_size(n) frames, none of which may touch what lies behind its own.
template <class NextSize>
Signals run(Convolver& convolver, const Signals& in, std::size_t outputs, std::size_t frames, NextSize next_size)
{
    Signals padded = in;
    for (Signal& signal : padded) signal.resize(frames);
    constexpr float untouched = 12345.0f;
    Signals out(outputs, Signal(frames + 1, untouched));
    std::size_t call = 0;
    for (std::size_t done = 0; done < frames;) {
        const std::size_t count = std::min<std::size_t>(next_size(call++), frames - done);
        std::vector<const float*> inputs;
        std::vector<float*> results;
        for (const Signal& signal : padded) inputs.push_back(signal.data() + done);
        for (Signal& signal : out) results.push_back(signal.data() + done);
        convolver.process(inputs, results, static_cast<std::uint32_t>(count));
        done += count;
        for (const Signal& signal : out) EXPECT_EQ(signal[done], untouched) << done;
    }
    for (Signal& signal : out) signal.pop_back();
    return out;
}

constexpr auto always(std::size_t size)
{
    return [size](std::size_t) { return size; };
}

std::size_t any_size(std::size_t call)
{
    constexpr std::size_t sizes[] = {1, 63, 64, 65, 1000, 8192, 7, 256, 3, 480};
    return sizes[call % std::size(sizes)];
}

double error_db(const Signal& measured, const std::vector<double>& wanted)
{
    double worst = 0.0;
    for (std::size_t i = 0; i < wanted.size(); ++i) worst = std::max(worst, std::abs(static_cast<double>(measured[i]) - wanted[i]));
    return 20.0 * std::log10(worst + 1e-30);
}

constexpr double exact_db = -130.0;

TEST(Convolver, matches_the_exact_convolution_at_every_partition_edge)
{
    for (const auto* kernels : convolver::usable_kernels())
        for (const std::size_t length : {1, 2, 63, 64, 65, 127, 128, 129, 447, 448, 449, 961, 1983, 1984, 1985, 4097, 16319, 16321,
                                         40000}) {
            const Signal impulse = hall(length, length);
            const ConvolverPath path{0, 0, impulse};
            Convolver convolver(1, 1, {&path, 1}, {.kernels = kernels});
            const Signal in = noise(length + 3000, 7);
            const std::size_t frames = in.size() + length;
            const auto out = run(convolver, {in}, 1, frames, always(64));
            EXPECT_LT(error_db(out[0], exact_convolution(in, impulse, frames)), exact_db) << kernels->name << ", " << length << " taps";
        }
}

TEST(Convolver, gives_back_the_impulse_to_its_last_frame)
{
    const Signal impulse = hall(30001, 3);
    const ConvolverPath path{0, 0, impulse};
    for (const std::size_t block : {1u, 64u, 333u}) {
        Convolver convolver(1, 1, {&path, 1});
        const auto out = run(convolver, {Signal{1.0f}}, 1, impulse.size() + 40000, always(block));
        EXPECT_LT(error_db(out[0], std::vector<double>(impulse.begin(), impulse.end())), exact_db) << block;
        for (std::size_t i = impulse.size(); i < out[0].size(); ++i) ASSERT_NEAR(out[0][i], 0.0f, 1e-7f) << "frame " << i;
    }
}

TEST(Convolver, is_the_same_however_the_signal_is_cut)
{
    const Signal impulse = hall(20000, 5);
    const ConvolverPath path{0, 0, impulse};
    Signal in = noise(30000, 9);
    in.resize(150000);  // long enough to come to rest, and then to begin again
    const Signal again = noise(1000, 10);
    in.insert(in.end(), again.begin(), again.end());
    const auto wanted = exact_convolution(in, impulse, 180000);
    for (const auto* kernels : convolver::usable_kernels())
        for (const std::uint32_t quantum : {64u, 256u, 1024u}) {
            const auto once = [&](auto next_size) {
                Convolver convolver(1, 1, {&path, 1}, {.quantum = quantum, .kernels = kernels});
                return run(convolver, {in}, 1, wanted.size(), next_size)[0];
            };
            EXPECT_LT(error_db(once(always(8192)), wanted), exact_db) << kernels->name << ", quantum " << quantum;
            EXPECT_LT(error_db(once(always(64)), wanted), exact_db) << kernels->name << ", quantum " << quantum;
            EXPECT_LT(error_db(once(always(1)), wanted), exact_db) << kernels->name << ", quantum " << quantum;
            EXPECT_LT(error_db(once(always(480)), wanted), exact_db) << kernels->name << ", quantum " << quantum;
            EXPECT_LT(error_db(once(any_size), wanted), exact_db) << kernels->name << ", quantum " << quantum;
        }
}

TEST(Convolver, takes_up_in_pieces_where_whole_units_ended_and_the_other_way_round)
{
    const Signal impulse = hall(9000, 5);
    const ConvolverPath path{0, 0, impulse};
    const auto in_turn = [](std::size_t call) -> std::size_t { return call % 40 < 8 ? 1024 : call % 40 < 24 ? 64 : 1024; };
    const Signal in = noise(200000, 3);
    const auto wanted = exact_convolution(in, impulse, in.size());
    for (const bool throughput : {false, true}) {
        Convolver convolver(1, 1, {&path, 1}, {.quantum = 1024, .throughput = throughput});
        EXPECT_LT(error_db(run(convolver, {in}, 1, in.size(), in_turn)[0], wanted), exact_db) << throughput;
    }
}

TEST(Convolver, reads_partitions_once_for_two_units_where_some_come_in_pieces)
{
    // Five partitions of the largest unit; an odd and an even number of whole units in a row.
    const Signal impulse = hall(75000, 5);
    const ConvolverPath path{0, 0, impulse};
    const auto in_turn = [](std::size_t call) -> std::size_t { return call % 15 < 5 || (call % 15 > 8 && call % 15 < 11) ? 16384 : 4096; };
    const Signal in = noise(500000, 3);
    const auto wanted = exact_convolution(in, impulse, in.size());
    Convolver convolver(1, 1, {&path, 1}, {.quantum = 16384, .throughput = true});
    EXPECT_LT(error_db(run(convolver, {in}, 1, in.size(), in_turn)[0], wanted), exact_db);
}

TEST(Convolver, plans_for_quanta_and_throughput_change_the_cost_and_not_the_sound)
{
    const Signal impulse = hall(100000, 6);
    const ConvolverPath path{0, 0, impulse};
    const Signal in = noise(50000, 8);
    const auto wanted = exact_convolution(in, impulse, 160000);
    for (const bool throughput : {false, true})
        for (const std::uint32_t quantum : {64u, 256u, 480u, 960u, 1024u, 8192u, 16384u}) {  // of 480 and 960 no large unit is a part
            Convolver convolver(1, 1, {&path, 1}, {.quantum = quantum, .throughput = throughput});
            EXPECT_LT(error_db(run(convolver, {in}, 1, wanted.size(), always(quantum))[0], wanted), exact_db) << quantum;
        }
}

TEST(Convolver, delays_its_output_by_what_it_is_told)
{
    const Signal impulse = hall(5000, 6);
    const ConvolverPath path{0, 0, impulse};
    for (const std::uint32_t delay : {1u, 63u, 64u, 100u, 1000u, 96000u}) {
        Convolver convolver(1, 1, {&path, 1}, {.delay = delay});
        std::vector<double> wanted(delay, 0.0);
        wanted.insert(wanted.end(), impulse.begin(), impulse.end());
        EXPECT_LT(error_db(run(convolver, {Signal{1.0f}}, 1, wanted.size() + 100, any_size)[0], wanted), exact_db) << delay;
    }
}

TEST(Convolver, delays_noise_through_levels_that_begin_late)
{
    // Lengths and delays at which some level has several partitions, and only zeros before them.
    const Signal impulse = hall(40000, 6);
    const ConvolverPath path{0, 0, impulse};
    const Signal in = noise(30000, 8);
    const auto late = exact_convolution(in, impulse, 70000);
    for (const std::uint32_t delay : {3000u, 8192u, 20000u, 30000u, 50000u}) {
        Convolver convolver(1, 1, {&path, 1}, {.delay = delay});
        std::vector<double> wanted(delay, 0.0);
        wanted.insert(wanted.end(), late.begin(), late.end());
        EXPECT_LT(error_db(run(convolver, {in}, 1, wanted.size(), always(64))[0], wanted), exact_db) << delay;
    }
}

TEST(Convolver, leads_every_path_from_its_input_to_its_output)
{
    const Signals impulses{hall(3000, 1), hall(3000, 2), hall(2000, 3), hall(10, 4)};
    const std::vector<ConvolverPath> paths{{0, 0, impulses[0]}, {0, 1, impulses[1]}, {1, 0, impulses[2]}, {1, 1, impulses[3]}};
    Convolver convolver(2, 2, paths);
    const Signals in{noise(2000, 11), noise(2000, 12)};
    const auto out = run(convolver, in, 2, 6000, always(64));
    for (std::size_t output = 0; output < 2; ++output) {
        auto wanted = exact_convolution(in[0], impulses[output], 6000);
        const auto other = exact_convolution(in[1], impulses[2 + output], 6000);
        for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] += other[i];
        EXPECT_LT(error_db(out[output], wanted), exact_db) << "output " << output;
    }
}

TEST(Convolver, leads_long_and_short_paths_past_inputs_and_outputs_that_have_none_however_it_is_cut)
{
    const Signals impulses{hall(40000, 1), hall(700, 2), hall(20000, 3), hall(10, 4)};
    const std::vector<ConvolverPath> paths{{0, 0, impulses[0]}, {2, 0, impulses[1]}, {2, 2, impulses[2]}, {0, 3, impulses[3]}};  // no input 1, no output 1
    const std::size_t frames = 90000;
    const Signals in{noise(40000, 11), noise(40000, 12), noise(40000, 13)};
    std::vector<std::vector<double>> wanted(4, std::vector<double>(frames, 0.0));
    for (const ConvolverPath& path : paths) {
        const auto part = exact_convolution(in[path.input], {path.impulse.begin(), path.impulse.end()}, frames);
        for (std::size_t i = 0; i < frames; ++i) wanted[path.output][i] += part[i];
    }
    for (const bool throughput : {false, true})
        for (const std::uint32_t quantum : {64u, 960u, 1024u, 8192u})
            for (const bool cut : {false, true}) {
                Convolver convolver(3, 4, paths, {.quantum = quantum, .throughput = throughput});
                const auto out = cut ? run(convolver, in, 4, frames, any_size) : run(convolver, in, 4, frames, always(quantum));
                for (std::size_t output = 0; output < 4; ++output)
                    EXPECT_LT(error_db(out[output], wanted[output]), exact_db + 6.0) << throughput << ' ' << quantum << ' ' << cut << ' ' << output;  // of two paths
            }
}

TEST(Convolver, its_error_does_not_grow_with_the_impulse)
{
    for (const std::size_t length : {48000u, 288000u}) {
        const Signal impulse = hall(length, 2);
        const ConvolverPath path{0, 0, impulse};
        Convolver convolver(1, 1, {&path, 1});
        const Signal in = noise(length, 1);
        const auto out = run(convolver, {in}, 1, 2 * length, always(256));
        EXPECT_LT(error_db(out[0], exact_convolution(in, impulse, 2 * length)), exact_db) << length;
    }
}

std::size_t multiplied = 0;  ///< tiles of a partition

void count_and_multiply(float* sum, const float* impulse, const convolver::TileRuns& input, bool add) noexcept
{
    multiplied += input.first_count + input.second_count;
    convolver::usable_kernels().front()->multiply_accumulate(sum, impulse, input, add);
}

void count_and_multiply_two(float* sum, float* ahead, const float* impulse, const float* newer, const convolver::TileRuns& input,
                            const convolver::NextTile& next, bool add) noexcept
{
    multiplied += 2 * (input.first_count + input.second_count);
    convolver::usable_kernels().front()->multiply_accumulate_two(sum, ahead, impulse, newer, input, next, add);
}

TEST(Convolver, multiplies_about_as_much_in_every_call)
{
    // So many paths between one input and one output that transforms, which are not counted, are little of the work.
    convolver::Kernels counting = *convolver::usable_kernels().front();
    counting.multiply_accumulate = count_and_multiply;
    counting.multiply_accumulate_two = count_and_multiply_two;
    const Signal impulse = hall(100000, 5);
    const std::vector<ConvolverPath> paths(36, ConvolverPath{0, 0, impulse});
    for (const std::uint32_t quantum : {64u, 1024u}) {
        Convolver convolver(1, 1, paths, {.quantum = quantum, .kernels = &counting});
        const Signal in = noise(200 * 1024, 3);
        Signal out(quantum);
        std::vector<std::size_t> counts;
        for (std::size_t done = 0; done < in.size(); done += quantum) {
            const float* input = in.data() + done;
            float* output = out.data();
            multiplied = 0;
            convolver.process({&input, 1}, {&output, 1}, quantum);
            counts.push_back(multiplied);
        }
        counts.erase(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 2));
        const double mean = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::size_t{0})) / static_cast<double>(counts.size());
        EXPECT_LT(static_cast<double>(*std::ranges::max_element(counts)), 1.4 * mean) << quantum;
    }
}

TEST(ConvolverKernels, hear_a_lone_sample_wherever_it_is)
{
    for (const auto* kernels : convolver::usable_kernels())
        for (std::size_t count = 0; count < 200; ++count) {
            Signal samples(count + 1, -0.0f);
            samples[count] = 1.0f;  // behind them
            EXPECT_TRUE(kernels->is_silent(samples.data(), count)) << kernels->name << ' ' << count;
            for (std::size_t i = 0; i < count; ++i) {
                samples[i] = 1e-40f;
                EXPECT_FALSE(kernels->is_silent(samples.data(), count)) << kernels->name << ' ' << i << " of " << count;
                samples[i] = 0.0f;
            }
        }
}

TEST(Convolver, begins_afresh_after_a_reset)
{
    const Signal impulse = hall(20000, 5);
    const ConvolverPath path{0, 0, impulse};
    Convolver convolver(1, 1, {&path, 1});
    const Signal in = noise(30000, 9);
    const auto first = run(convolver, {in}, 1, 31111, any_size);
    convolver.reset();
    EXPECT_EQ(first, run(convolver, {in}, 1, 31111, any_size));
}

TEST(Convolver, comes_to_rest_after_its_tail)
{
    const rt::FlushDenormals flush;
    const Signal impulse = hall(10000, 5);
    const ConvolverPath path{0, 0, impulse};
    Convolver convolver(1, 1, {&path, 1});
    EXPECT_TRUE(convolver.at_rest());
    (void)run(convolver, {noise(100, 1)}, 1, 10000, always(64));
    EXPECT_FALSE(convolver.at_rest());
    (void)run(convolver, {Signal{}}, 1, 200000, always(64));
    EXPECT_TRUE(convolver.at_rest());
}

}  // namespace

}  // namespace stemwire::dsp
