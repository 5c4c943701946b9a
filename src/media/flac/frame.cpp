// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/flac/frame.hpp"

#include <algorithm>
#include <array>

#include "media/flac/checksum.hpp"
#include "media/flac/prediction.hpp"

namespace stemwire::media {

namespace {

using Stereo = FlacFrameHeader::Stereo;

/// Table 14; 0: reserved, or said at the header's end.
unsigned frames_of(unsigned code, BitReader& bits) noexcept
{
    if (code == 1) return 192;
    if (code >= 2 && code <= 5) return 144u << code;
    if (code == 6) return bits.take(8) + 1;
    if (code == 7) return bits.take(16) + 1;
    return code == 0 ? 0 : 1u << code;
}

/// Table 15: bytes behind the header's number that say the rate.
unsigned rate_bits(unsigned code) noexcept
{
    return code == 12 ? 8 : code == 13 || code == 14 ? 16 : 0;
}

/// Table 18: bits of a sample by their code; 0: as the stream says.
constexpr std::array<unsigned, 8> sample_bits{0, 8, 12, 99, 16, 20, 24, 32};

/// 9.1.5: as UTF-8 codes a character, up to 36 bits.
std::optional<std::uint64_t> take_number(BitReader& bits)
{
    const std::uint32_t first = bits.take(8);
    if (first < 0x80) return first;
    const auto ones = static_cast<unsigned>(std::countl_one(static_cast<std::uint8_t>(first)));
    if (ones < 2 || ones > 7) return std::nullopt;
    std::uint64_t number = first & (0x7fu >> ones);
    for (unsigned i = 1; i < ones; ++i) {
        const std::uint32_t next = bits.take(8);
        if ((next & 0xc0) != 0x80) return std::nullopt;
        number = number << 6 | (next & 0x3f);
    }
    return number;
}

struct Codes {
    bool counts_frames;
    unsigned frames;
    unsigned rate;
    unsigned channels;
    unsigned bits;
};

std::optional<Codes> take_codes(BitReader& bits, const FlacStream& stream)
{
    if (bits.take(15) != 0x7ffc) return std::nullopt;  // 14 bits of the sync code, and a zero
    const bool counts_frames = bits.take(1) == 0;
    const Codes codes{counts_frames, bits.take(4), bits.take(4), bits.take(4), bits.take(3)};
    const unsigned channels = codes.channels < 8 ? codes.channels + 1 : 2;
    const bool has_bits = codes.bits == 0 || sample_bits[codes.bits] == stream.bits;
    const bool is_alike = channels == stream.channels && codes.channels <= 10 && has_bits && codes.rate != 15 && codes.frames != 0;
    return bits.take(1) == 0 && is_alike ? std::optional(codes) : std::nullopt;
}

/// A subframe's kind, by its six bits (9.2.1).
struct Kind {
    enum class Type { constant, verbatim, fixed, linear, reserved } type;
    unsigned order = 0;
};

Kind kind_of(unsigned code) noexcept
{
    if (code == 0) return {Kind::Type::constant};
    if (code == 1) return {Kind::Type::verbatim};
    if (code >= 8 && code <= 12) return {Kind::Type::fixed, code - 8};
    return code >= 32 ? Kind{Kind::Type::linear, code - 31} : Kind{Kind::Type::reserved};
}

bool take_linear(BitReader& bits, unsigned order, std::span<std::int32_t> out)
{
    const unsigned precision = bits.take(4) + 1;
    const std::int32_t shift = bits.take_signed(5);
    if (precision == 16 || shift < 0) return false;
    std::array<std::int32_t, 32> coefficients{};
    for (unsigned i = 0; i < order; ++i) coefficients[i] = bits.take_signed(precision);
    if (!decode_flac_residual(bits, order, out)) return false;
    restore_linear(std::span(coefficients).first(order), static_cast<unsigned>(shift), out);
    return true;
}

bool take_predicted(BitReader& bits, const Kind& kind, unsigned width, std::span<std::int32_t> out)
{
    if (kind.order > out.size()) return false;
    for (unsigned i = 0; i < kind.order; ++i) out[i] = bits.take_signed(width);
    if (kind.type == Kind::Type::linear) return take_linear(bits, kind.order, out);
    if (!decode_flac_residual(bits, kind.order, out)) return false;
    restore_fixed(kind.order, out);
    return true;
}

bool take_samples(BitReader& bits, const Kind& kind, unsigned width, std::span<std::int32_t> out)
{
    switch (kind.type) {
    case Kind::Type::constant: std::ranges::fill(out, bits.take_signed(width)); return true;
    case Kind::Type::verbatim:
        for (std::int32_t& sample : out) sample = bits.take_signed(width);
        return !bits.overrun();
    case Kind::Type::reserved: return false;
    default: return take_predicted(bits, kind, width, out);
    }
}

bool take_subframe(BitReader& bits, unsigned width, std::span<std::int32_t> out)
{
    if (bits.take(1) != 0) return false;
    const Kind kind = kind_of(bits.take(6));
    const unsigned wasted = bits.take(1) != 0 ? bits.take_unary() + 1 : 0;
    if (wasted >= width || !take_samples(bits, kind, width - wasted, out)) return false;
    if (wasted > 0)
        for (std::int32_t& sample : out) sample = static_cast<std::int32_t>(static_cast<std::uint32_t>(sample) << wasted);
    return true;
}

/// The channel that is coded as the difference of both has one bit more (4.2).
bool is_side(Stereo stereo, std::size_t channel) noexcept
{
    return stereo == Stereo::side_right ? channel == 0 : stereo != Stereo::independent && channel == 1;
}

/// The sums wrap as whoever wrote a hostile file may want them to.
void undo_stereo(Stereo stereo, std::int32_t* first, std::int32_t* second, unsigned frames) noexcept
{
    const auto add = [](std::int32_t a, std::int32_t b) { return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) + static_cast<std::uint32_t>(b)); };
    const auto subtract = [](std::int32_t a, std::int32_t b) { return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) - static_cast<std::uint32_t>(b)); };
    if (stereo == Stereo::left_side)
        for (unsigned i = 0; i < frames; ++i) second[i] = subtract(first[i], second[i]);
    if (stereo == Stereo::side_right)
        for (unsigned i = 0; i < frames; ++i) first[i] = add(first[i], second[i]);
    if (stereo == Stereo::mid_side)
        for (unsigned i = 0; i < frames; ++i) {
            const std::int32_t right = subtract(first[i], second[i] >> 1);
            first[i] = add(right, second[i]);
            second[i] = right;
        }
}

}  // namespace

std::optional<FlacFrameHeader> read_flac_header(std::span<const std::uint8_t> bytes, const FlacStream& stream)
{
    BitReader bits(bytes);
    const auto codes = take_codes(bits, stream);
    if (!codes) return std::nullopt;
    const auto number = take_number(bits);
    if (!number) return std::nullopt;
    FlacFrameHeader header{*number, codes->counts_frames, frames_of(codes->frames, bits)};
    header.stereo = codes->channels < 8 ? Stereo::independent : static_cast<Stereo>(codes->channels - 7);
    bits.set_position(bits.position() + rate_bits(codes->rate));
    header.bytes = static_cast<unsigned>(bits.position() / 8);
    if (header.bytes >= bytes.size() || header.frames == 0 || header.frames > stream.most_frames) return std::nullopt;
    if (bytes[header.bytes] != flac_crc8(bytes.first(header.bytes))) return std::nullopt;
    ++header.bytes;
    return header;
}

std::optional<std::size_t> decode_flac_frame(std::span<const std::uint8_t> bytes, const FlacFrameHeader& header, const FlacStream& stream,
                                             std::span<std::int32_t* const> planes)
{
    BitReader bits(bytes);
    bits.set_position(header.bytes * 8u);
    for (std::size_t channel = 0; channel < planes.size(); ++channel) {
        const unsigned width = stream.bits + (is_side(header.stereo, channel) ? 1 : 0);
        if (!take_subframe(bits, width, {planes[channel], header.frames})) return std::nullopt;
    }
    bits.align();
    const std::size_t end = bits.position() / 8;
    if (end + 2 > bytes.size() || bits.take(16) != flac_crc16(bytes.first(end))) return std::nullopt;
    if (planes.size() == 2) undo_stereo(header.stereo, planes[0], planes[1], header.frames);
    return end + 2;
}

}  // namespace stemwire::media
