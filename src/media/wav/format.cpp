// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/wav/format.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string_view>

#include "media/wave_channels.hpp"

namespace stemwire::media {

namespace {

static_assert(std::endian::native == std::endian::little, "WAV is little-endian");

constexpr std::uint16_t format_pcm = 1;
constexpr std::uint16_t format_float = 3;
constexpr std::uint16_t format_extensible = 0xfffe;
constexpr std::uint32_t elsewhere = 0xffffffffu;  // a size of RF64 that ds64 holds
constexpr unsigned most_chunks = 1024;
constexpr unsigned most_channels = 16;  // for which there are positions

template <class Number>
Number number_at(const std::uint8_t* at)
{
    Number number{};
    std::memcpy(&number, at, sizeof number);
    return number;
}

std::string_view name_at(const std::uint8_t* at)
{
    return {reinterpret_cast<const char*>(at), 4};
}

std::optional<WavFormat::Sample> sample_of(std::uint16_t format, unsigned bits)
{
    using enum WavFormat::Sample;
    if (format == format_float) return bits == 32 ? std::optional(f32) : bits == 64 ? std::optional(f64) : std::nullopt;
    if (format != format_pcm || bits % 8 != 0 || bits < 8 || bits > 32) return std::nullopt;
    constexpr std::array samples{u8, s16, s24, s32};
    return samples[bits / 8 - 1];
}

/// The chunks of a file, one after the other.
class WavParser {
public:
    explicit WavParser(const ByteFile& file) : file_(file) {}

    std::optional<WavFormat> parse()
    {
        std::array<std::uint8_t, 12> head{};
        if (file_.read_at(0, head).bytes < head.size() || name_at(&head[8]) != "WAVE") return std::nullopt;
        if (name_at(head.data()) != "RIFF" && name_at(head.data()) != "RF64") return std::nullopt;
        std::uint64_t at = head.size();
        for (unsigned chunk = 0; chunk < most_chunks; ++chunk) {
            std::array<std::uint8_t, 8> header{};
            if (file_.read_at(at, header).bytes < header.size()) return std::nullopt;
            const auto bytes = number_at<std::uint32_t>(&header[4]);
            at += header.size();
            if (name_at(header.data()) == "data") return has_format_ ? std::optional(with_data(at, bytes)) : std::nullopt;
            if (name_at(header.data()) == "fmt " && !read_fmt(at, bytes)) return std::nullopt;
            if (name_at(header.data()) == "ds64") read_ds64(at);
            at += bytes + bytes % 2;
        }
        return std::nullopt;
    }

private:
    bool read_fmt(std::uint64_t at, std::uint32_t bytes)
    {
        std::array<std::uint8_t, 40> fmt{};
        const std::size_t got = file_.read_at(at, std::span(fmt).first(std::min<std::size_t>(bytes, fmt.size()))).bytes;
        const bool is_extensible = got >= fmt.size() && number_at<std::uint16_t>(&fmt[0]) == format_extensible;
        if (got < 16) return false;
        const auto sample = sample_of(number_at<std::uint16_t>(&fmt[is_extensible ? 24 : 0]), number_at<std::uint16_t>(&fmt[14]));
        format_.channels = number_at<std::uint16_t>(&fmt[2]);
        const auto rate_hz = number_at<std::uint32_t>(&fmt[4]);
        format_.frame_bytes = number_at<std::uint16_t>(&fmt[12]);
        if (!sample || format_.channels == 0 || format_.channels > most_channels || rate_hz == 0 || rate_hz > 1u << 24) return false;
        format_.sample = *sample;
        format_.rate_hz = static_cast<int>(rate_hz);
        format_.layout = layout_from_wave_mask(is_extensible ? number_at<std::uint32_t>(&fmt[20]) : 0, format_.channels);
        has_format_ = format_.frame_bytes == format_.channels * (number_at<std::uint16_t>(&fmt[14]) / 8u);
        return has_format_;
    }

    void read_ds64(std::uint64_t at)
    {
        std::array<std::uint8_t, 16> sizes{};
        if (file_.read_at(at, sizes).bytes == sizes.size()) large_data_ = number_at<std::uint64_t>(&sizes[8]);
    }

    /// A recording that was cut off says that its data has no bytes: all that follows is meant.
    WavFormat with_data(std::uint64_t at, std::uint32_t bytes)
    {
        const std::uint64_t there = file_.size() > at ? file_.size() - at : 0;
        const std::uint64_t declared = bytes == elsewhere ? large_data_ : bytes;
        format_.data = at;
        format_.declared = declared / format_.frame_bytes;
        format_.frames = (declared == 0 ? there : std::min(there, declared)) / format_.frame_bytes;
        return format_;
    }

    const ByteFile& file_;
    WavFormat format_;
    bool has_format_ = false;
    std::uint64_t large_data_ = 0;
};

}  // namespace

const char* codec_name(WavFormat::Sample sample) noexcept
{
    constexpr std::array names{"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"};
    return names[static_cast<std::size_t>(sample)];
}

std::optional<WavFormat> read_wav_format(const ByteFile& file)
{
    return WavParser(file).parse();
}

}  // namespace stemwire::media
