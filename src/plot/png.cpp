// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/png.hpp"

#include <new>
#include <string_view>

#include <zlib.h>

namespace stemwire::plot {

namespace {

void put_number(std::string& out, std::uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

const Bytef* bytes_of(std::string_view text)
{
    return reinterpret_cast<const Bytef*>(text.data());
}

void put_chunk(std::string& out, std::string_view type, std::string_view data)
{
    put_number(out, static_cast<std::uint32_t>(data.size()));
    const std::string body = std::string(type).append(data);
    out += body;
    put_number(out, static_cast<std::uint32_t>(crc32(crc32(0, nullptr, 0), bytes_of(body), static_cast<uInt>(body.size()))));
}

std::string compress_all(std::string_view data)
{
    uLongf size = compressBound(static_cast<uLong>(data.size()));
    std::string out(size, '\0');
    if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, bytes_of(data), static_cast<uLong>(data.size()), Z_BEST_COMPRESSION) != Z_OK) throw std::bad_alloc();
    out.resize(size);
    return out;
}

}  // namespace

std::string encode_png(std::size_t width, std::size_t height, std::span<const std::uint8_t> pixels, std::span<const Colour> palette)
{
    constexpr std::string_view bits_and_kind("\x08\x03\x00\x00\x00", 5);  // 8 bits, palette, deflate, adaptive filters, not interlaced
    std::string header;
    put_number(header, static_cast<std::uint32_t>(width));
    put_number(header, static_cast<std::uint32_t>(height));
    header += bits_and_kind;
    std::string colours;
    for (const Colour& colour : palette) colours.append(colour.begin(), colour.end());
    std::string rows;
    for (std::size_t row = 0; row < height; ++row) {
        rows += '\0';  // no filter: neighbouring indices are no neighbouring values
        rows.append(pixels.begin() + static_cast<std::ptrdiff_t>(row * width), pixels.begin() + static_cast<std::ptrdiff_t>((row + 1) * width));
    }
    std::string png("\x89PNG\r\n\x1a\n");
    put_chunk(png, "IHDR", header);
    put_chunk(png, "PLTE", colours);
    put_chunk(png, "IDAT", compress_all(rows));
    put_chunk(png, "IEND", "");
    return png;
}

}  // namespace stemwire::plot
