// SPDX-License-Identifier: GPL-3.0-or-later
#include "input.hpp"
#include "listen.hpp"
#include "media/probe.hpp"

/// A file of any kind: what is in it, and every stream of it.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace stemwire;
    static fuzz::MemoryFile memory;
    memory.fill({data, size});
    const auto info = media::probe(memory.path());
    const auto file = media::open_source(memory.path());
    if (!info || !file) return 0;
    fuzz::require(!info->streams.empty(), "a media file has a stream");
    for (const media::StreamInfo& stream : info->streams) {
        const auto source = (*file)->open_stream(static_cast<std::size_t>(stream.index), {});
        if (source) fuzz::listen(**source);
    }
    return 0;
}
