// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace stemwire::fuzz {

/// An element of EBML (RFC 8794) with its size in eight bytes.
inline std::string element(std::uint32_t id, std::string_view payload)
{
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
        if (id >> shift != 0) bytes.push_back(static_cast<char>(id >> shift & 0xffu));
    bytes.push_back('\x01');
    for (int shift = 48; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(std::uint64_t{payload.size()} >> shift & 0xffu));
    return bytes.append(payload);
}

inline std::string audio_track(char number)
{
    const std::string rate("\x47\x3b\x80\x00", 4);  // 48000.0f
    const std::string audio = element(0xe1, element(0xb5, rate) + element(0x9f, "\x02") + element(0x6264, "\x10"));
    return element(0xae, element(0xd7, {&number, 1}) + element(0x73c5, {&number, 1}) + element(0x83, "\x02") + element(0x86, "A_PCM/INT/LIT") + audio);
}

inline std::string attached_file(std::string_view name, std::string_view type, std::string_view content)
{
    return element(0x61a7, element(0x466e, name) + element(0x4660, type) + element(0x46ae, "\x01") + element(0x465c, content));
}

/// A Matroska file (RFC 9559) of three stereo tracks and these attachments.
inline std::string matroska(const std::string& attachments)
{
    std::string blocks;
    for (const char track : {'\x81', '\x82', '\x83'}) blocks += element(0xa3, std::string{track, '\0', '\0', '\x80'} + std::string(400, '\x11'));
    return element(0x1a45dfa3, element(0x4282, "matroska")) +
           element(0x18538067, element(0x1549a966, element(0x2ad7b1, std::string("\x0f\x42\x40", 3))) +
                                   element(0x1654ae6b, audio_track(1) + audio_track(2) + audio_track(3)) + element(0x1941a469, attachments) +
                                   element(0x1f43b675, element(0xe7, std::string(1, '\0')) + blocks));
}

}  // namespace stemwire::fuzz
