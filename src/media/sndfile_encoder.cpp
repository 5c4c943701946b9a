// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>

#include <sndfile.h>
#include <unistd.h>

#include "media/encoders.hpp"
#include "media/interleave.hpp"
#include "media/output_file.hpp"

namespace stemwire::media {

namespace {

/// Triangular dither of ±1 step, the sum of two uniform numbers, from a generator with a fixed seed (Lipshitz, Wannamaker and Vanderkooy 1992;
/// xorshift32, Marsaglia 2003): rendering twice gives the same file.
class Dither {
public:
    [[nodiscard]] float next() noexcept { return uniform() - uniform(); }

private:
    float uniform() noexcept
    {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 17;
        state_ ^= state_ << 5;
        return static_cast<float>(state_ >> 8) * 0x1p-24f;
    }
    std::uint32_t state_ = 0x9e3779b9u;
};

/// A sample at `bits`, rounded and clipped, in the upper bits of 32. What is not finite is silence.
std::int32_t to_integer(float sample, int bits, float dither) noexcept
{
    const auto full = static_cast<float>(1 << (bits - 1));
    const float scaled = std::isfinite(sample) ? sample * full + dither : 0.0f;
    const auto value = static_cast<std::int32_t>(std::lrint(std::clamp(scaled, -full, full - 1.0f)));
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(value) << (32 - bits));
}

int channel_of(Position position)
{
    switch (position) {
    case Position::MONO: return SF_CHANNEL_MAP_MONO;
    case Position::FL: return SF_CHANNEL_MAP_LEFT;
    case Position::FR: return SF_CHANNEL_MAP_RIGHT;
    case Position::FC: return SF_CHANNEL_MAP_CENTER;
    case Position::LFE: return SF_CHANNEL_MAP_LFE;
    case Position::RL: return SF_CHANNEL_MAP_REAR_LEFT;
    case Position::RR: return SF_CHANNEL_MAP_REAR_RIGHT;
    case Position::SL: return SF_CHANNEL_MAP_SIDE_LEFT;
    case Position::SR: return SF_CHANNEL_MAP_SIDE_RIGHT;
    case Position::RC: return SF_CHANNEL_MAP_REAR_CENTER;
    default: return SF_CHANNEL_MAP_INVALID;
    }
}

/// WAV (RF64 where it grows past 4 GiB) and FLAC, by libsndfile.
class SndfileEncoder final : public Encoder {
public:
    SndfileEncoder(const EncodeRequest& request, bool flac) : output_(request.file), format_(request.format), flac_(flac)
    {
        if (flac && format_ == SampleFormat::f32) format_ = SampleFormat::s24;  // FLAC has no floating point
    }
    ~SndfileEncoder() override { close(); }

    Expected<void> open(const EncodeRequest& request)
    {
        const auto descriptor = output_.open();
        if (!descriptor) return tl::unexpected(descriptor.error());
        descriptor_ = *descriptor;
        SF_INFO info{};
        info.samplerate = static_cast<int>(std::lround(request.rate_hz));
        info.channels = static_cast<int>(request.layout.size());
        const int samples = format_ == SampleFormat::s16 ? SF_FORMAT_PCM_16 : format_ == SampleFormat::s24 ? SF_FORMAT_PCM_24 : SF_FORMAT_FLOAT;
        info.format = (flac_ ? SF_FORMAT_FLAC : SF_FORMAT_RF64) | samples;
        file_ = sf_open_fd(descriptor_, SFM_WRITE, &info, SF_FALSE);
        if (file_ == nullptr) return output_.failed(sf_strerror(nullptr));
        if (!flac_) sf_command(file_, SFC_RF64_AUTO_DOWNGRADE, nullptr, SF_TRUE);
        name_channels(request.layout);
        return {};
    }

    Expected<void> write(std::span<const float* const> channels, std::uint32_t frames) override
    {
        const auto written = format_ == SampleFormat::f32 ? write_floats(channels, frames) : write_integers(channels, frames);
        if (written != static_cast<sf_count_t>(frames)) return output_.failed(sf_strerror(file_));
        return {};
    }

    Expected<void> finish() override
    {
        sf_write_sync(file_);
        if (sf_error(file_) != SF_ERR_NO_ERROR) return output_.failed(sf_strerror(file_));
        if (const int error = close(); error != 0) return output_.failed(std::strerror(error));
        return output_.commit();
    }

    const std::string& temporary_file() const noexcept override { return output_.temporary(); }

private:
    void name_channels(const ChannelLayout& layout)
    {
        std::vector<int> map;
        for (const Position position : layout.positions()) map.push_back(channel_of(position));
        if (layout.size() > 2 && std::ranges::find(map, SF_CHANNEL_MAP_INVALID) == map.end())
            sf_command(file_, SFC_SET_CHANNEL_MAP_INFO, map.data(), static_cast<int>(map.size() * sizeof(int)));
    }

    sf_count_t write_floats(std::span<const float* const> channels, std::uint32_t frames)
    {
        interleave(channels, frames, floats_);
        return sf_writef_float(file_, floats_.data(), frames);
    }

    sf_count_t write_integers(std::span<const float* const> channels, std::uint32_t frames)
    {
        if (format_ == SampleFormat::s16) interleave(channels, frames, integers_, [this](float sample) { return to_integer(sample, 16, dither_.next()); });
        else interleave(channels, frames, integers_, [](float sample) { return to_integer(sample, 24, 0.0f); });
        return sf_writef_int(file_, integers_.data(), frames);
    }

    /// Returns errno of what went wrong.
    int close()
    {
        int error = 0;
        if (file_ != nullptr && sf_close(file_) != 0) error = EIO;
        if (descriptor_ >= 0 && ::close(descriptor_) != 0) error = errno;
        file_ = nullptr;
        descriptor_ = -1;
        return error;
    }

    OutputFile output_;
    SampleFormat format_;
    bool flac_;
    int descriptor_ = -1;
    SNDFILE* file_ = nullptr;
    Dither dither_;
    std::vector<float> floats_;
    std::vector<int> integers_;
};

}  // namespace

Expected<std::unique_ptr<Encoder>> make_sndfile_encoder(const EncodeRequest& request, bool flac)
{
    auto encoder = std::make_unique<SndfileEncoder>(request, flac);
    if (const auto opened = encoder->open(request); !opened) return tl::unexpected(opened.error());
    return encoder;
}

}  // namespace stemwire::media
