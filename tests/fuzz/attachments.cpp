// SPDX-License-Identifier: GPL-3.0-or-later
#include "container/song.hpp"
#include "input.hpp"
#include "media/matroska.hpp"

/// A Matroska file as our own reader sees it.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace stemwire;
    static fuzz::MemoryFile memory;
    memory.fill({data, size});
    const auto facts = media::read_matroska(memory.path());
    if (!facts) return 0;
    for (const media::Attachment& attachment : facts->attachments) {
        const auto bytes = media::read_attachment(memory.path(), attachment);
        fuzz::require(!bytes || bytes->size() <= size, "an attachment is part of its file");
        const auto file = media::AttachedFile::open(memory.path(), attachment.name);
        fuzz::require(!bytes || file || attachment.name.empty(), "an attachment that can be read can be unpacked");
    }
    static_cast<void>(container::is_song(memory.path()));
    return 0;
}
