// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <string_view>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "media/encoders.hpp"
#include "media/sample_format.hpp"
#include "media/wave_channels.hpp"

namespace stemwire::media {

namespace {

static_assert(std::endian::native == std::endian::little, "WAV is little-endian");

constexpr std::size_t buffer_bytes = 1u << 18;
constexpr std::uint16_t format_pcm = 1;
constexpr std::uint16_t format_float = 3;
constexpr std::uint16_t format_extensible = 0xfffe;
/// The rest of KSDATAFORMAT_SUBTYPE_PCM and _IEEE_FLOAT behind the two bytes of the format (Microsoft, mmreg.h).
constexpr std::array<std::uint8_t, 14> subtype_tail{0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71};
constexpr std::uint64_t elsewhere = 0xffffffffu;  ///< a 32-bit size of RF64 that ds64 holds (EBU Tech 3306)

/// WAV with a plain header for mono and stereo, WAVE_FORMAT_EXTENSIBLE beyond, and room for what turns it into RF64 should it grow past 4
/// GiB (EBU Tech 3306). libsndfile writes RF64 or plain headers, but cannot decide at the end.
class WavEncoder final : public Encoder {
public:
    WavEncoder(const EncodeRequest& request, std::uint64_t largest_riff)
        : output_(request.file, appearance(request)),
          grows_(request.grows),
          largest_riff_(largest_riff),
          layout_(request.layout),
          format_(request.format),
          rate_hz_(static_cast<std::uint32_t>(std::lround(request.rate_hz))),
          sample_bytes_(format_ == SampleFormat::s16   ? 2
                        : format_ == SampleFormat::s24 ? 3
                                                       : 4),
          frame_bytes_(sample_bytes_ * layout_.size()),
          quantizer_(format_ == SampleFormat::s16 ? 16 : 24, layout_.size())
    {
    }
    ~WavEncoder() override
    {
        if (descriptor_ < 0) return;
        if (grows_) settle();
        ::close(descriptor_);
    }

    Expected<void> open()
    {
        const auto opened = output_.open();
        if (!opened) return tl::unexpected(opened.error());
        descriptor_ = *opened;
        buffer_ = header();
        return {};
    }

    Expected<void> write(std::span<const float* const> channels, std::uint32_t frames) override
    {
        words_.resize(frames * channels.size());
        for (std::size_t channel = 0; channel < channels.size(); ++channel) convert(channel, channels[channel], frames);
        pack(frames);
        data_bytes_ += frames * frame_bytes_;
        return buffer_.size() < buffer_bytes ? Expected<void>{} : flush();
    }

    Expected<void> checkpoint() override
    {
        if (auto flushed = flush(); !flushed) return flushed;
        return write_header();
    }

    Expected<void> finish() override
    {
        if (data_bytes_ % 2 != 0) buffer_.push_back(0);
        if (auto flushed = flush(); !flushed) return flushed;
        if (auto written = write_header(); !written) return written;
        const int closed = ::close(std::exchange(descriptor_, -1));
        if (closed != 0) return output_.failed(std::strerror(errno));
        return output_.commit();
    }

    const std::string& temporary_file() const noexcept override { return output_.temporary(); }

private:
    /// What cannot be sought (a pipe) keeps a header that says nothing of its length.
    Expected<void> write_header()
    {
        const std::vector<std::uint8_t> now = header();
        if (pwrite(descriptor_, now.data(), now.size(), 0) < 0 && errno != ESPIPE) return output_.failed(std::strerror(errno));
        return {};
    }

    /// Makes a whole file of what could be written. Nobody is left to hear of an error.
    void settle()
    {
        (void)flush();
        struct stat status {};
        if (fstat(descriptor_, &status) != 0) return;
        const std::uint64_t header_bytes = header().size();
        const auto size = static_cast<std::uint64_t>(status.st_size);
        if (size < header_bytes) return;
        data_bytes_ = (size - header_bytes) / frame_bytes_ * frame_bytes_;
        if (ftruncate(descriptor_, static_cast<off_t>(header_bytes + data_bytes_)) == 0) (void)write_header();
    }

    void convert(std::size_t channel, const float* in, std::uint32_t frames)
    {
        std::int32_t* out = words_.data() + channel * frames;
        if (format_ == SampleFormat::f32) std::memcpy(out, in, frames * sizeof(float));
        else quantizer_.convert(channel, in, frames, out);
    }

    /// Appends all frames to the buffer. Each sample is stored as a whole word: the next one, stored after it, takes back what it has too
    /// much.
    void pack(std::uint32_t frames)
    {
        const std::size_t before = buffer_.size();
        buffer_.resize(before + frames * frame_bytes_ + sizeof(std::int32_t));
        std::uint8_t* out = buffer_.data() + before;
        for (std::uint32_t frame = 0; frame < frames; ++frame)
            for (std::size_t word = frame; word < words_.size(); word += frames, out += sample_bytes_)
                std::memcpy(out, &words_[word], sizeof(std::int32_t));
        buffer_.resize(before + frames * frame_bytes_);
    }

    [[nodiscard]] std::vector<std::uint8_t> header() const
    {
        std::vector<std::uint8_t> bytes;
        const auto text = [&](std::string_view word) {
            for (const char letter : word) bytes.push_back(static_cast<std::uint8_t>(letter));
        };
        const auto number = [&](std::uint64_t value, std::size_t size) {
            for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
        };
        const bool extensible = layout_.size() > 2;
        const std::size_t fmt_bytes = extensible ? 40 : 16;
        const std::uint64_t riff_bytes = 4 + 36 + 8 + fmt_bytes + 8 + data_bytes_ + data_bytes_ % 2;
        const bool large = riff_bytes > largest_riff_;
        text(large ? "RF64" : "RIFF");
        number(large ? elsewhere : riff_bytes, 4);
        text("WAVE");
        text(large ? "ds64" : "JUNK");
        number(28, 4);
        number(large ? riff_bytes : 0, 8);
        number(large ? data_bytes_ : 0, 8);
        number(large ? data_bytes_ / frame_bytes_ : 0, 8);
        number(0, 4);
        text("fmt ");
        number(fmt_bytes, 4);
        const std::uint16_t format = format_ == SampleFormat::f32 ? format_float : format_pcm;
        number(extensible ? format_extensible : format, 2);
        number(layout_.size(), 2);
        number(rate_hz_, 4);
        number(rate_hz_ * frame_bytes_, 4);
        number(frame_bytes_, 2);
        number(8 * sample_bytes_, 2);
        if (extensible) {
            number(22, 2);
            number(8 * sample_bytes_, 2);
            number(wave_mask(layout_), 4);
            number(format, 2);
            for (const std::uint8_t byte : subtype_tail) bytes.push_back(byte);
        }
        text("data");
        number(large ? elsewhere : data_bytes_, 4);
        return bytes;
    }

    Expected<void> flush()
    {
        for (std::size_t done = 0; done < buffer_.size();) {
            const ssize_t written = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return output_.failed(std::strerror(errno));
            done += static_cast<std::size_t>(written);
        }
        buffer_.clear();
        return {};
    }

    OutputFile output_;
    bool grows_;
    std::uint64_t largest_riff_;
    ChannelLayout layout_;
    SampleFormat format_;
    std::uint32_t rate_hz_;
    std::size_t sample_bytes_;
    std::size_t frame_bytes_;
    int descriptor_ = -1;
    std::uint64_t data_bytes_ = 0;
    std::vector<std::uint8_t> buffer_;
    std::vector<std::int32_t> words_;  ///< [channel][frame] of one write
    Quantizer quantizer_;
};

}  // namespace

Expected<std::unique_ptr<Encoder>> make_wav_encoder(const EncodeRequest& request, std::uint64_t largest_riff)
{
    auto encoder = std::make_unique<WavEncoder>(request, largest_riff);
    if (const auto opened = encoder->open(); !opened) return tl::unexpected(opened.error());
    return encoder;
}

}  // namespace stemwire::media
