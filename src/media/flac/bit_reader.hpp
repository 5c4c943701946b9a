// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

namespace stemwire::media {

/// Bytes that must be readable, and zero, behind what a BitReader reads.
inline constexpr std::size_t bit_reader_padding = 32;

/// Bits from the highest to the lowest, byte after byte. Past the end there are zeros: `overrun` tells. Guarantee: wait-free.
class BitReader {
public:
    /// Behind `bytes` lie bit_reader_padding bytes of 0.
    explicit BitReader(std::span<const std::uint8_t> bytes) noexcept : begin_(bytes.data()), end_(bytes.size() * 8) {}

    /// 0 … 32 bits.
    [[nodiscard]] std::uint32_t take(unsigned bits) noexcept
    {
        const std::uint64_t word = peek() >> 1 >> (63 - bits);
        skip(bits);
        return static_cast<std::uint32_t>(word);
    }

    /// 1 … 32 bits in two's complement.
    [[nodiscard]] std::int32_t take_signed(unsigned bits) noexcept
    {
        const auto word = static_cast<std::int64_t>(peek()) >> (64 - bits);
        skip(bits);
        return static_cast<std::int32_t>(word);
    }

    /// How many zeros there are before the next one, which is taken too; more than there are bits where none comes.
    [[nodiscard]] std::uint32_t take_unary() noexcept
    {
        std::uint32_t zeros = 0;
        while (!overrun()) {
            const auto run = static_cast<unsigned>(std::countl_zero(peek()));
            if (run < sure_bits) {
                skip(run + 1);
                return zeros + run;
            }
            zeros += sure_bits;
            skip(sure_bits);
        }
        return static_cast<std::uint32_t>(end_) + 1;
    }

    [[nodiscard]] std::size_t position() const noexcept { return at_; }
    void set_position(std::size_t bit) noexcept { at_ = bit; }
    void align() noexcept { at_ = (at_ + 7) / 8 * 8; }
    /// More was taken than there is.
    [[nodiscard]] bool overrun() const noexcept { return at_ > end_; }
    [[nodiscard]] const std::uint8_t* bytes() const noexcept { return begin_; }

    [[nodiscard]] static std::uint64_t load(const std::uint8_t* from) noexcept
    {
        std::uint64_t word = 0;
        std::memcpy(&word, from, sizeof word);
        return std::endian::native == std::endian::little ? __builtin_bswap64(word) : word;
    }

private:
    static constexpr unsigned sure_bits = 57;  ///< a word that begins at any bit of a byte has at least so many

    [[nodiscard]] std::uint64_t peek() const noexcept { return load(begin_ + at_ / 8) << at_ % 8; }
    /// Stays within the padding.
    void skip(std::size_t bits) noexcept { at_ = at_ + bits > end_ ? end_ + 1 : at_ + bits; }

    const std::uint8_t* begin_;
    std::size_t end_;
    std::size_t at_ = 0;
};

}  // namespace stemwire::media
