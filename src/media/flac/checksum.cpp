// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/flac/checksum.hpp"

#include <array>
#include <cstddef>

namespace stemwire::media {

namespace {

constexpr std::uint8_t polynomial8 = 0x07;
constexpr std::uint16_t polynomial16 = 0x8005;
constexpr std::size_t slices = 8;

using Table16 = std::array<std::uint16_t, 256>;

constexpr std::uint16_t next16(std::uint16_t crc, const Table16& table)
{
    return static_cast<std::uint16_t>(crc << 8 ^ table[crc >> 8]);
}

/// [n][byte]: what a byte does to the checksum with n bytes of 0 behind it (slicing by 8; Kounavis and Berry 2005).
constexpr std::array<Table16, slices> make_tables()
{
    std::array<Table16, slices> tables{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        auto crc = static_cast<std::uint16_t>(byte << 8);
        for (int bit = 0; bit < 8; ++bit) crc = static_cast<std::uint16_t>(crc << 1 ^ ((crc & 0x8000) != 0 ? polynomial16 : 0));
        tables[0][byte] = crc;
    }
    for (std::size_t slice = 1; slice < slices; ++slice)
        for (unsigned byte = 0; byte < 256; ++byte) tables[slice][byte] = next16(tables[slice - 1][byte], tables[0]);
    return tables;
}

constexpr std::array<Table16, slices> tables = make_tables();

}  // namespace

std::uint8_t flac_crc8(std::span<const std::uint8_t> bytes) noexcept
{
    unsigned crc = 0;
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit) crc = (crc << 1 ^ ((crc & 0x80) != 0 ? polynomial8 : 0u)) & 0xffu;
    }
    return static_cast<std::uint8_t>(crc);
}

std::uint16_t flac_crc16(std::span<const std::uint8_t> bytes) noexcept
{
    unsigned crc = 0;
    const std::uint8_t* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= slices; left -= slices, at += slices) {
        crc = static_cast<unsigned>(tables[7][at[0] ^ crc >> 8] ^ tables[6][at[1] ^ (crc & 0xff)] ^ tables[5][at[2]] ^ tables[4][at[3]]
                                    ^ tables[3][at[4]] ^ tables[2][at[5]] ^ tables[1][at[6]] ^ tables[0][at[7]]);
    }
    for (; left > 0; --left, ++at) crc = (crc << 8 & 0xffff) ^ tables[0][crc >> 8 ^ *at];
    return static_cast<std::uint16_t>(crc);
}

}  // namespace stemwire::media
