// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/isolation/line_memory.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <new>

#include <sys/mman.h>
#include <unistd.h>

#include "stemwire/units.hpp"

namespace stemwire::session::isolation {

namespace {

constexpr std::size_t alignment = 64;  // a cache line

constexpr std::size_t aligned(std::size_t bytes)
{
    return (bytes + alignment - 1) / alignment * alignment;
}

/// Where each part of the memory begins.
struct Parts {
    explicit Parts(const LineShape& shape)
        : values(aligned(sizeof(LineHead))), meters(values + aligned(shape.values * sizeof(std::atomic<double>))),
          rings(meters + aligned(shape.meters * sizeof(shared::MeterRecord))),
          text(rings + aligned(std::size_t{shape.inputs + shape.outputs} * shape.ring() * sizeof(float))), end(text + shape.text)
    {
    }
    std::size_t values, meters, rings, text, end;
};

Error why(const char* what)
{
    return {std::string("memory shared with another process: ") + what + ": " + std::strerror(errno)};
}

}  // namespace

std::uint32_t LineShape::ring() const noexcept
{
    return std::bit_ceil(latency + 2 * largest_quantum);
}

Expected<std::unique_ptr<LineMemory>> LineMemory::map(int descriptor, const LineShape& shape)
{
    const std::size_t bytes = Parts(shape).end;
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor, 0);
    if (memory == MAP_FAILED) return tl::unexpected(why("mmap"));
    return std::unique_ptr<LineMemory>(new LineMemory(descriptor, shape, {static_cast<std::byte*>(memory), bytes}));
}

Expected<std::unique_ptr<LineMemory>> LineMemory::make(LineShape shape, std::string_view text)
{
    shape.text = text.size();
    const int descriptor = memfd_create("stemwire-isolated", MFD_CLOEXEC);
    if (descriptor < 0) return tl::unexpected(why("memfd_create"));
    auto line = ftruncate(descriptor, static_cast<off_t>(Parts(shape).end)) == 0 ? map(descriptor, shape) : tl::unexpected(why("ftruncate"));
    if (!line) {
        close(descriptor);
        return line;
    }
    new ((*line)->memory_.data()) LineHead();
    (*line)->head().shape = shape;
    // A file of zeros holds atomics that are 0 and names that are empty: all that these are at first.
    std::ranges::copy(text, reinterpret_cast<char*>((*line)->memory_.data() + Parts(shape).text));
    return line;
}

Expected<std::unique_ptr<LineMemory>> LineMemory::open(int descriptor)
{
    LineShape shape;
    if (pread(descriptor, &shape, sizeof shape, offsetof(LineHead, shape)) != sizeof shape) return tl::unexpected(why("read"));
    return map(descriptor, shape);
}

LineMemory::~LineMemory()
{
    munmap(memory_.data(), memory_.size());
    close(descriptor_);
}

std::span<std::atomic<double>> LineMemory::values() const noexcept
{
    return {reinterpret_cast<std::atomic<double>*>(memory_.data() + Parts(shape_).values), shape_.values};
}

std::span<shared::MeterRecord> LineMemory::meters() const noexcept
{
    return {reinterpret_cast<shared::MeterRecord*>(memory_.data() + Parts(shape_).meters), shape_.meters};
}

float* LineMemory::rings() const noexcept
{
    return reinterpret_cast<float*>(memory_.data() + Parts(shape_).rings);
}

std::string_view LineMemory::text() const noexcept
{
    return {reinterpret_cast<const char*>(memory_.data() + Parts(shape_).text), shape_.text};
}

}  // namespace stemwire::session::isolation
