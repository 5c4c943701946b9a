// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>
#include <new>
#include <vector>

#include <gtest/gtest.h>

#include "dsp/convolver/convolver.hpp"
#include "dsp/convolver/replaceable.hpp"

namespace {

std::size_t allocations = 0;
std::size_t frees = 0;

void* counted(std::size_t size, std::size_t alignment)
{
    ++allocations;
    void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

void free_counted(void* memory) noexcept
{
    ++frees;
    std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) { return counted(size, static_cast<std::size_t>(alignment)); }
void operator delete(void* memory) noexcept { free_counted(memory); }
void operator delete(void* memory, std::size_t) noexcept { free_counted(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { free_counted(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { free_counted(memory); }

namespace stemwire::dsp {

namespace {

TEST(Convolver, allocates_nothing_while_it_processes)
{
    const std::vector<float> impulse(100000, 1e-3f);
    const std::vector<ConvolverPath> paths{{0, 0, impulse}, {0, 1, impulse}, {1, 0, impulse}, {1, 1, impulse}};
    const std::vector<float> sound(8192, 0.1f), silence(8192);
    std::vector<float> left(8192), right(8192);
    float* const out[] = {left.data(), right.data()};
    for (const std::uint32_t quantum : {64u, 1000u, 8192u}) {
        Convolver convolver(2, 2, paths, {.quantum = quantum});
        allocations = 0;
        for (const float* samples : {sound.data(), silence.data()})
            for (std::uint32_t call = 0; call < 200; ++call) {
                const float* const in[] = {samples, samples};
                for (const std::uint32_t frames : {1u, 63u, 64u, 1000u, 8192u}) convolver.process(in, out, frames);
            }
        convolver.reset();
        EXPECT_EQ(allocations, 0u) << "quantum " << quantum;
    }
}

TEST(ReplaceableConvolver, allocates_nothing_and_frees_nothing_while_it_is_replaced)
{
    const std::vector<float> impulse(5000, 1e-3f);
    const ConvolverPath path{0, 0, impulse};
    const auto made = [&] { return std::make_unique<Convolver>(1, 1, std::span(&path, 1)); };
    ReplaceableConvolver convolver(made(), 1, 1, 48000);
    const std::vector<float> sound(8192, 0.1f);
    std::vector<float> result(8192);
    const float* const in[] = {sound.data()};
    float* const out[] = {result.data()};
    for (int turn = 0; turn < 3; ++turn) {
        convolver.replace(made());
        allocations = frees = 0;
        for (std::uint32_t call = 0; call < 20; ++call)
            for (const std::uint32_t frames : {1u, 63u, 64u, 1000u, 8192u}) convolver.process(in, out, frames);
        EXPECT_EQ(allocations, 0u);
        EXPECT_EQ(frees, 0u);
    }
}

}  // namespace

}  // namespace stemwire::dsp
