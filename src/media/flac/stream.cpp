// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/flac/stream.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "media/flac/bit_reader.hpp"
#include "media/wave_channels.hpp"

namespace stemwire::media {

namespace {

constexpr unsigned type_comment = 4;
constexpr unsigned info_bytes = 34;
constexpr std::size_t longest_comment = 1u << 16;  // as far as a channel mask is looked for
constexpr unsigned most_blocks = 1024;             // of metadata
constexpr unsigned most_bits = 24;

struct BlockHeader {
    bool last;
    unsigned type;
    std::uint32_t bytes;
};

std::optional<BlockHeader> block_at(const ByteFile& file, std::uint64_t at)
{
    std::array<std::uint8_t, 4> bytes{};
    if (file.read_at(at, bytes).bytes < bytes.size()) return std::nullopt;
    const auto length = static_cast<std::uint32_t>(bytes[1] << 16 | bytes[2] << 8 | bytes[3]);
    return BlockHeader{(bytes[0] & 0x80) != 0, bytes[0] & 0x7fu, length};
}

/// STREAMINFO (8.2).
std::optional<FlacStream> read_info(const ByteFile& file, std::uint64_t at)
{
    std::array<std::uint8_t, info_bytes + bit_reader_padding> bytes{};
    const std::span info = std::span(bytes).first<info_bytes>();
    if (file.read_at(at, info).bytes < info_bytes) return std::nullopt;
    BitReader bits(info);
    FlacStream stream;
    const unsigned least_frames = bits.take(16);
    stream.most_frames = bits.take(16);
    bits.set_position(80);  // past the sizes of frames
    stream.rate_hz = static_cast<int>(bits.take(20));
    stream.channels = bits.take(3) + 1;
    stream.bits = bits.take(5) + 1;
    stream.frames = std::uint64_t{bits.take(4)} << 32;
    stream.frames |= bits.take(32);
    stream.block_frames = least_frames == stream.most_frames ? least_frames : 0;
    const bool is_sound = stream.rate_hz > 0 && stream.most_frames >= 16 && stream.bits >= 4 && stream.bits <= most_bits;
    return is_sound ? std::optional(stream) : std::nullopt;
}

/// The mask that the `flac` program keeps of a WAVE file (RFC 9639, 8.6.2).
std::uint32_t channel_mask(std::string_view comment)
{
    constexpr std::string_view name = "WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x";
    const auto same = [](char a, char b) { return a == (b >= 'a' && b <= 'z' ? b - 'a' + 'A' : b) || a == b; };
    const auto found = std::search(comment.begin(), comment.end(), name.begin(), name.end(), same);
    std::uint32_t mask = 0;
    if (found != comment.end()) std::from_chars(found + name.size(), comment.end(), mask, 16);
    return mask;
}

std::uint32_t channel_mask(const ByteFile& file, std::uint64_t at, std::uint32_t bytes)
{
    std::vector<std::uint8_t> comment(std::min<std::size_t>(bytes, longest_comment));
    const auto got = file.read_at(at, comment);
    return channel_mask({reinterpret_cast<const char*>(comment.data()), got.bytes});
}

}  // namespace

std::optional<FlacStream> read_flac_stream(const ByteFile& file)
{
    std::array<std::uint8_t, 4> magic{};
    if (file.read_at(0, magic).bytes < magic.size() || std::memcmp(magic.data(), "fLaC", magic.size()) != 0) return std::nullopt;
    std::optional<FlacStream> stream;
    std::uint32_t mask = 0;
    std::uint64_t at = magic.size();
    for (unsigned block = 0; block < most_blocks; ++block) {
        const auto header = block_at(file, at);
        if (!header) return std::nullopt;
        at += 4;
        if (block == 0 && (header->type != 0 || header->bytes < info_bytes)) return std::nullopt;
        if (block == 0) stream = read_info(file, at);
        if (!stream) return std::nullopt;
        if (header->type == type_comment) mask = channel_mask(file, at, header->bytes);
        at += header->bytes;
        if (!header->last) continue;
        stream->first_frame = at;
        stream->layout = layout_from_wave_mask(mask, stream->channels);
        return stream;
    }
    return std::nullopt;
}

}  // namespace stemwire::media
