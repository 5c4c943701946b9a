// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>
#include <new>
#include <vector>

#include <gtest/gtest.h>

#include "dsp/convolver/convolver.hpp"

namespace {

std::size_t allocations = 0;

void* counted(std::size_t size, std::size_t alignment)
{
    ++allocations;
    void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) { return counted(size, static_cast<std::size_t>(alignment)); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

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

}  // namespace

}  // namespace stemwire::dsp
