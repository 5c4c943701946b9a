// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/convolver/replaceable.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/lambda_node.hpp"

namespace stemwire::dsp {

namespace {

using Signal = std::vector<float>;

constexpr double rate_hz = 48000;
constexpr std::size_t fade_frames = 2400;  // 50 ms
constexpr float close = 2e-6f;             // single precision, on values up to 1

Signal noise(std::size_t frames, std::uint64_t seed)
{
    Signal signal(frames);
    for (std::size_t i = 0; i < frames; ++i) signal[i] = 0.1f * test::noise(i, seed);
    return signal;
}

std::unique_ptr<Convolver> convolver_of(const Signal& impulse)
{
    const ConvolverPath path{0, 0, impulse};
    return std::make_unique<Convolver>(1, 1, std::span(&path, 1));
}

/// One channel through a replaceable convolver, block by block.
class Line {
public:
    explicit Line(const Signal& impulse) : convolver_(convolver_of(impulse), 1, 1, rate_hz) {}

    Signal run(const Signal& in, std::uint32_t block)
    {
        Signal out(in.size());
        for (std::size_t done = 0; done < in.size(); done += block) {
            const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(block, in.size() - done));
            const float* const from[] = {in.data() + done};
            float* const to[] = {out.data() + done};
            convolver_.process(from, to, count);
        }
        return out;
    }

    ReplaceableConvolver& convolver() { return convolver_; }

private:
    ReplaceableConvolver convolver_;
};

/// Adds impulse ∗ in to `sum`, term by term.
void add_convolution(const Signal& impulse, const std::vector<double>& in, std::vector<double>& sum)
{
    for (std::size_t i = 0; i < in.size(); ++i) {
        const std::size_t taps = std::min(impulse.size(), in.size() - i);
        for (std::size_t k = 0; in[i] != 0.0 && k < taps; ++k) sum[i + k] += in[i] * static_cast<double>(impulse[k]);
    }
}

/// What the promise says of two impulses of which the second one comes at frame `at`.
std::vector<double> led_over(const Signal& before, const Signal& after, const Signal& in, std::size_t at)
{
    std::vector<double> to_old(in.begin(), in.end());
    std::vector<double> to_new(in.size());
    for (std::size_t i = at; i < in.size(); ++i) {
        const double g = std::min(1.0, static_cast<double>(i - at) / static_cast<double>(fade_frames));
        to_new[i] = g * to_old[i];
        to_old[i] *= 1.0 - g;
    }
    std::vector<double> sum(in.size());
    add_convolution(before, to_old, sum);
    add_convolution(after, to_new, sum);
    return sum;
}

void append(Signal& all, const Signal& more)
{
    all.insert(all.end(), more.begin(), more.end());
}

TEST(ReplaceableConvolver, leads_the_input_over_and_lets_the_old_tail_ring_out)
{
    const Signal before = noise(3000, 1);
    const Signal after = noise(1500, 2);
    const Signal in = noise(12000, 3);
    for (const std::uint32_t block : {64u, 100u, 256u, 4000u}) {
        Line line(before);
        Signal out = line.run({in.begin(), in.begin() + 4000}, block);
        line.convolver().replace(convolver_of(after));
        append(out, line.run({in.begin() + 4000, in.end()}, block));
        const auto wanted = led_over(before, after, in, 4000);
        for (std::size_t i = 0; i < in.size(); ++i) ASSERT_NEAR(out[i], wanted[i], close) << "block " << block << ", frame " << i;
    }
}

TEST(ReplaceableConvolver, changes_nothing_where_the_impulse_is_the_same)
{
    const Signal impulse = noise(3000, 1);
    const Signal in = noise(12000, 3);
    const Signal wanted = Line(impulse).run(in, 256);
    Line line(impulse);
    Signal out = line.run({in.begin(), in.begin() + 2560}, 256);
    line.convolver().replace(convolver_of(impulse));
    append(out, line.run({in.begin() + 2560, in.end()}, 256));
    for (std::size_t i = 0; i < in.size(); ++i) ASSERT_NEAR(out[i], wanted[i], close) << "frame " << i;
}

TEST(ReplaceableConvolver, gives_back_the_old_one_when_its_tail_is_over_and_then_rests)
{
    Line line(noise(3000, 1));
    (void)line.run(noise(3000, 3), 256);
    line.convolver().replace(convolver_of(noise(500, 2)));
    EXPECT_FALSE(line.convolver().taken());
    (void)line.run(noise(2560, 4), 256);
    EXPECT_TRUE(line.convolver().taken());
    EXPECT_EQ(line.convolver().collect(), 0u);
    (void)line.run(Signal(200000), 256);
    EXPECT_EQ(line.convolver().collect(), 1u);
    const Signal silence(256);
    Signal out(256, 1.0f);
    const float* const from[] = {silence.data()};
    float* const to[] = {out.data()};
    EXPECT_TRUE(line.convolver().rest(from, to, 256));
    EXPECT_EQ(out, silence);
}

TEST(ReplaceableConvolver, fades_an_old_tail_where_the_next_one_waits)
{
    // A constant through impulses of one frame each, the first with an echo long after: what is left of it is faded over 50 ms.
    Signal echo(40000);
    echo[0] = echo[39999] = 1.0f;
    Line line(echo);
    const Signal ones(39936, 1.0f);  // 156 blocks
    (void)line.run(ones, 256);
    line.convolver().replace(convolver_of({0.0f}));
    (void)line.run(Signal(2560, 1.0f), 256);  // led over; now only the echo is heard
    line.convolver().replace(convolver_of({0.0f}));
    const Signal out = line.run(Signal(5120, 1.0f), 256);
    EXPECT_TRUE(line.convolver().taken());
    for (std::size_t i = 0; i < out.size(); ++i)
        ASSERT_NEAR(out[i], std::max(0.0, 1.0 - static_cast<double>(i) / static_cast<double>(fade_frames)), 1e-5) << "frame " << i;
    EXPECT_EQ(line.convolver().collect(), 1u);
}

TEST(ReplaceableConvolver, plays_the_latest_of_those_that_wait)
{
    Line line({1.0f});
    line.convolver().replace(convolver_of({2.0f}));
    line.convolver().replace(convolver_of({3.0f}));
    const Signal out = line.run(Signal(4800, 1.0f), 64);
    EXPECT_NEAR(out.back(), 3.0f, close);
}

TEST(ReplaceableConvolver, is_replaced_by_one_thread_while_another_plays)
{
    Line line({1.0f});
    std::atomic<bool> done{false};
    float loudest = 0.0f;
    std::thread player([&] {
        const Signal ones(256, 1.0f);
        while (!done.load(std::memory_order_relaxed))
            for (const float sample : line.run(ones, 64)) loudest = std::max(loudest, std::abs(sample));
    });
    std::size_t freed = 0;
    for (int i = 0; i < 20; ++i) {
        line.convolver().replace(convolver_of({1.0f}));
        while (!line.convolver().taken()) freed += line.convolver().collect();
    }
    done.store(true, std::memory_order_relaxed);
    player.join();
    freed += line.convolver().collect();
    EXPECT_GE(freed, 19u);  // the last one's predecessor may still sound
    EXPECT_NEAR(loudest, 1.0f, close);
}

}  // namespace

}  // namespace stemwire::dsp
