// SPDX-License-Identifier: GPL-3.0-or-later
#include <cerrno>
#include <cmath>
#include <cstring>

#include <sndfile.h>
#include <unistd.h>

#include "media/encoders.hpp"
#include "media/sample_format.hpp"

namespace stemwire::media {

namespace {

/// FLAC by libsndfile, of 16 or 24 bits: FLAC has no floating point.
class FlacEncoder final : public Encoder {
public:
    explicit FlacEncoder(const EncodeRequest& request)
        : output_(request.file, appearance(request)), bits_(request.format == SampleFormat::s16 ? 16 : 24), quantizer_(bits_, request.layout.size())
    {
    }
    ~FlacEncoder() override { close(); }

    Expected<void> open(const EncodeRequest& request)
    {
        const auto descriptor = output_.open();
        if (!descriptor) return tl::unexpected(descriptor.error());
        descriptor_ = *descriptor;
        SF_INFO info{};
        info.samplerate = static_cast<int>(std::lround(request.rate_hz));
        info.channels = static_cast<int>(request.layout.size());
        info.format = SF_FORMAT_FLAC | (bits_ == 16 ? SF_FORMAT_PCM_16 : SF_FORMAT_PCM_24);
        file_ = sf_open_fd(descriptor_, SFM_WRITE, &info, SF_FALSE);
        if (file_ == nullptr) return output_.failed(sf_strerror(nullptr));
        return {};
    }

    Expected<void> write(std::span<const float* const> channels, std::uint32_t frames) override
    {
        planar_.resize(frames);
        integers_.resize(frames * channels.size());
        for (std::size_t channel = 0; channel < channels.size(); ++channel) {
            quantizer_.convert(channel, channels[channel], frames, planar_.data());
            // libsndfile takes integers in the upper bits of 32.
            for (std::uint32_t frame = 0; frame < frames; ++frame)
                integers_[frame * channels.size() + channel] = planar_[frame] * (1 << (32 - bits_));
        }
        errno = 0;
        if (sf_writef_int(file_, integers_.data(), frames) != static_cast<sf_count_t>(frames)) return failed();
        return {};
    }

    /// libsndfile hands on every frame of FLAC as soon as it is coded; one is 4,096 frames of audio or less.
    Expected<void> checkpoint() override { return {}; }

    Expected<void> finish() override
    {
        errno = 0;
        sf_write_sync(file_);
        if (sf_error(file_) != SF_ERR_NO_ERROR) return failed();
        if (const int error = close(); error != 0) return output_.failed(std::strerror(error));
        return output_.commit();
    }

    const std::string& temporary_file() const noexcept override { return output_.temporary(); }

private:
    /// The system's reason, where it has one, says more than libsndfile's.
    [[nodiscard]] tl::unexpected<Error> failed() const
    {
        const int error = errno;
        return output_.failed(error != 0 ? std::strerror(error) : sf_strerror(file_));
    }

    /// Returns errno of what went wrong.
    int close()
    {
        int error = 0;
        if (file_ != nullptr && sf_close(file_) != 0) error = errno != 0 ? errno : EIO;
        if (descriptor_ >= 0 && ::close(descriptor_) != 0) error = errno;
        file_ = nullptr;
        descriptor_ = -1;
        return error;
    }

    OutputFile output_;
    int bits_;
    int descriptor_ = -1;
    SNDFILE* file_ = nullptr;
    Quantizer quantizer_;
    std::vector<std::int32_t> planar_;
    std::vector<int> integers_;  ///< [frame][channel]
};

}  // namespace

Expected<std::unique_ptr<Encoder>> make_flac_encoder(const EncodeRequest& request)
{
    auto encoder = std::make_unique<FlacEncoder>(request);
    if (const auto opened = encoder->open(request); !opened) return tl::unexpected(opened.error());
    return encoder;
}

}  // namespace stemwire::media
