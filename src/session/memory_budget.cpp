// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/memory_budget.hpp"

#include <algorithm>
#include <new>
#include <string>

#include <malloc.h>

namespace stemwire::session {

namespace {

constexpr std::size_t most_by_itself = std::size_t{1} << 30;
constexpr std::size_t always = 64'000'000;
constexpr std::size_t per_byte_of_text = 64'000;
/// An impulse takes eight bytes a sample, and a codec may have kept that sample in an eighth of a byte.
constexpr std::size_t per_byte_of_file = 64;

/// Bytes that are allocated in this program.
std::size_t memory_taken()
{
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

}  // namespace

std::size_t memory_allowance(const preset::Preset& preset)
{
    if (preset.memory_bytes) return *preset.memory_bytes;
    std::size_t files = 0;
    for (const preset::NodeModel& node : preset.nodes)
        for (const media::FileVersion& file : node.files) files += static_cast<std::size_t>(std::clamp<std::int64_t>(file.size, 0, most_by_itself));
    const std::size_t text = preset.text ? preset.text->size() : 0;
    return std::min(most_by_itself, always + text * per_byte_of_text + files * per_byte_of_file);
}

MemoryBudget::MemoryBudget(const preset::Preset& preset) : allowance_(memory_allowance(preset)), most_taken_(memory_taken() + allowance_) {}

Expected<void> MemoryBudget::prepare(Node& node, const Preparation& preparation) const
{
    try {
        auto prepared = memory_taken() <= most_taken_ ? node.prepare(preparation) : Expected<void>();
        // One node alone may have taken too much: it goes before most of that is touched.
        if (!prepared || memory_taken() <= most_taken_) return prepared;
    } catch (const std::bad_alloc&) {
        return failure("there is not enough memory for it");
    }
    return failure("the nodes of this preset take more than " + std::to_string(allowance_ / 1'000'000) + " MB of memory (--memory MB allows more)");
}

}  // namespace stemwire::session
