// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>

#include <unistd.h>

#include "media/av.hpp"
#include "media/encoders.hpp"
#include "media/output_file.hpp"
#include "media/sample_format.hpp"

namespace stemwire::media {

namespace {

static_assert(std::endian::native == std::endian::little, "WAV is little-endian");

constexpr std::size_t buffer_bytes = 1u << 18;
constexpr std::uint16_t format_pcm = 1;
constexpr std::uint16_t format_float = 3;
constexpr std::uint16_t format_extensible = 0xfffe;
/// The rest of KSDATAFORMAT_SUBTYPE_PCM and _IEEE_FLOAT behind the two bytes of the format (Microsoft, mmreg.h).
constexpr std::array<std::uint8_t, 14> subtype_tail{0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71};
constexpr std::uint64_t largest_riff = 0xffffffffu;

/// WAV with a plain header for mono and stereo, WAVE_FORMAT_EXTENSIBLE beyond, and room for what turns it into RF64 should it grow past 4 GiB (EBU
/// Tech 3306). libsndfile writes RF64 or plain headers, but cannot decide at the end.
class WavEncoder final : public Encoder {
public:
    explicit WavEncoder(const EncodeRequest& request)
        : output_(request.file), layout_(request.layout), format_(request.format), rate_hz_(static_cast<std::uint32_t>(std::lround(request.rate_hz))),
          sample_bytes_(format_ == SampleFormat::s16 ? 2 : format_ == SampleFormat::s24 ? 3 : 4), frame_bytes_(sample_bytes_ * layout_.size())
    {
    }
    ~WavEncoder() override
    {
        if (descriptor_ >= 0) ::close(descriptor_);
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
        const std::size_t before = buffer_.size();
        buffer_.resize(before + frames * frame_bytes_);
        for (std::size_t channel = 0; channel < channels.size(); ++channel) put(channels[channel], frames, buffer_.data() + before + channel * sample_bytes_);
        data_bytes_ += frames * frame_bytes_;
        return buffer_.size() < buffer_bytes ? Expected<void>{} : flush();
    }

    Expected<void> finish() override
    {
        if (data_bytes_ % 2 != 0) buffer_.push_back(0);
        if (auto flushed = flush(); !flushed) return flushed;
        // What cannot be sought (a pipe) keeps a header that says nothing of its length.
        const std::vector<std::uint8_t> last = header();
        if (pwrite(descriptor_, last.data(), last.size(), 0) < 0 && errno != ESPIPE) return output_.failed(std::strerror(errno));
        const int closed = ::close(std::exchange(descriptor_, -1));
        if (closed != 0) return output_.failed(std::strerror(errno));
        return output_.commit();
    }

    const std::string& temporary_file() const noexcept override { return output_.temporary(); }

private:
    void put(const float* in, std::uint32_t frames, std::uint8_t* out)
    {
        switch (format_) {
        case SampleFormat::s16: put_each<std::int32_t, 2>(in, frames, out, [this](float sample) { return to_integer(sample, 16, dither_.next()); }); break;
        case SampleFormat::s24: put_each<std::int32_t, 3>(in, frames, out, [](float sample) { return to_integer(sample, 24); }); break;
        case SampleFormat::f32: put_each<float, 4>(in, frames, out, [](float sample) { return sample; }); break;
        }
    }

    template <class Value, std::size_t bytes, class Convert>
    void put_each(const float* in, std::uint32_t frames, std::uint8_t* out, Convert convert) const
    {
        for (std::uint32_t frame = 0; frame < frames; ++frame, out += frame_bytes_) {
            const Value value = convert(in[frame]);
            std::memcpy(out, &value, bytes);
        }
    }

    [[nodiscard]] std::vector<std::uint8_t> header() const
    {
        std::vector<std::uint8_t> bytes;
        const auto text = [&](const char* word) { bytes.insert(bytes.end(), word, word + 4); };
        const auto number = [&](std::uint64_t value, std::size_t size) {
            for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
        };
        const bool extensible = layout_.size() > 2;
        const std::size_t fmt_bytes = extensible ? 40 : 16;
        const std::uint64_t riff_bytes = 4 + 36 + 8 + fmt_bytes + 8 + data_bytes_ + data_bytes_ % 2;
        const bool large = riff_bytes > largest_riff;
        text(large ? "RF64" : "RIFF");
        number(large ? largest_riff : riff_bytes, 4);
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
            number(av_mask(layout_), 4);  // WAVE's bits are the same as FFmpeg's
            number(format, 2);
            bytes.insert(bytes.end(), subtype_tail.begin(), subtype_tail.end());
        }
        text("data");
        number(large ? largest_riff : data_bytes_, 4);
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
    ChannelLayout layout_;
    SampleFormat format_;
    std::uint32_t rate_hz_;
    std::size_t sample_bytes_;
    std::size_t frame_bytes_;
    int descriptor_ = -1;
    std::uint64_t data_bytes_ = 0;
    std::vector<std::uint8_t> buffer_;
    Dither dither_;
};

}  // namespace

Expected<std::unique_ptr<Encoder>> make_wav_encoder(const EncodeRequest& request)
{
    auto encoder = std::make_unique<WavEncoder>(request);
    if (const auto opened = encoder->open(); !opened) return tl::unexpected(opened.error());
    return encoder;
}

}  // namespace stemwire::media
