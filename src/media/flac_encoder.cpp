// SPDX-License-Identifier: GPL-3.0-or-later
#include <cerrno>
#include <cmath>
#include <cstring>

#include <sndfile.h>
#include <unistd.h>

#include "media/encoders.hpp"
#include "media/interleave.hpp"
#include "media/output_file.hpp"
#include "media/sample_format.hpp"

namespace stemwire::media {

namespace {

/// FLAC by libsndfile, of 16 or 24 bits: FLAC has no floating point.
class FlacEncoder final : public Encoder {
public:
    explicit FlacEncoder(const EncodeRequest& request) : output_(request.file), bits_(request.format == SampleFormat::s16 ? 16 : 24) {}
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
        // libsndfile takes integers in the upper bits of 32.
        interleave(channels, frames, integers_, [this](float sample) { return to_integer(sample, bits_, bits_ == 16 ? dither_.next() : 0.0f) * (1 << (32 - bits_)); });
        if (sf_writef_int(file_, integers_.data(), frames) != static_cast<sf_count_t>(frames)) return output_.failed(sf_strerror(file_));
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
    int bits_;
    int descriptor_ = -1;
    SNDFILE* file_ = nullptr;
    Dither dither_;
    std::vector<int> integers_;
};

}  // namespace

Expected<std::unique_ptr<Encoder>> make_flac_encoder(const EncodeRequest& request)
{
    auto encoder = std::make_unique<FlacEncoder>(request);
    if (const auto opened = encoder->open(request); !opened) return tl::unexpected(opened.error());
    return encoder;
}

}  // namespace stemwire::media
