// SPDX-License-Identifier: GPL-3.0-or-later
#include "container/song_preset.hpp"
#include "input.hpp"
#include "matroska.hpp"
#include "preset/preset.hpp"

using namespace stemwire;

namespace {

/// A WAV file of one frame with the value 1/2 (multimedia programming interface and data specifications 1.0, 1991).
std::string impulse()
{
    return std::string("RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x80\xbb\0\0\0\x77\1\0\2\0\x10\0data\2\0\0\0\0\x40", 46);
}

}  // namespace

/// The settings of a song: what cannot be read is refused, and all else becomes a preset that checks.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static fuzz::MemoryFile memory;
    const std::string settings = fuzz::attached_file("play_settings.json", "application/json", fuzz::text_of({data, size}));
    const std::string bytes = fuzz::matroska(settings + fuzz::attached_file("hall.wav", "audio/wav", impulse()));
    memory.fill({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    const auto song = container::read_song(memory.path());
    if (!song) return 0;
    fuzz::require(container::combinations(*song) >= 1.0, "a song can be played");
    const auto written = container::song_preset(*song, {.folder = "/nowhere"});
    for (const Error& error : preset::load_text(written.text, "/nowhere/song.yaml").errors) throw std::logic_error(to_string(error) + "\n" + written.text);
    return 0;
}
