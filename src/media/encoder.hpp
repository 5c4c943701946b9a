// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stemwire/error.hpp"
#include "stemwire/layout.hpp"

namespace stemwire::media {

enum class SampleFormat { s16, s24, f32 };

/// What to write. The file's ending says the format: .wav, .flac, .opus (.ogg), .mp3, .m4a (.aac), .mka.
struct EncodeRequest {
    std::string file;
    double rate_hz = 48000;
    ChannelLayout layout;
    SampleFormat format =
        SampleFormat::s24;  ///< of WAV and FLAC, which has no f32 and takes s24 for it; s16 is dithered (TPDF, fixed seed)
    /// The file is there under its own name from the start and stays, whatever happens: after a crash it plays up to the last checkpoint().
    bool grows = false;
    std::int64_t bits_per_second = 0;  ///< of a lossy codec; 0: transparent
    std::vector<PortGroup> streams{};  ///< several, each a stream of its own with its name as title (.mka alone); `layout` is then not used
};

/// Writes audio into a file that comes into being only at finish(): it is written beside, under a temporary name, and renamed. Destroyed
/// unfinished, it leaves nothing behind. One that grows is left as whole as it can be made. A WAV past 4 GiB becomes RF64. Opus is resampled to 48 kHz, MP3 and AAC to a rate that they have,
/// where it must be. Channels may come in any order of positions.
class Encoder {
public:
    virtual ~Encoder() = default;
    /// Planar float, `[channel][frame]`, the channels of all streams one after the other. Errors: disk full, not writable.
    virtual Expected<void> write(std::span<const float* const> channels, std::uint32_t frames) = 0;
    /// Brings a file that grows to where a crash leaves all but the codec's last half second to be played. Errors as write().
    virtual Expected<void> checkpoint() = 0;
    virtual Expected<void> finish() = 0;
    /// The temporary file's name, so that a signal handler can remove it.
    [[nodiscard]] virtual const std::string& temporary_file() const noexcept = 0;
};

/// What is wrong with a request, as far as can be said without touching the file: its ending, too many channels or streams.
[[nodiscard]] Expected<void> check_request(const EncodeRequest& request);

[[nodiscard]] Expected<std::unique_ptr<Encoder>> make_encoder(const EncodeRequest& request);

/// A whole audio file in memory at its own rate: for impulse responses. `[channel][frame]`.
struct AudioFile {
    double rate_hz = 0;
    std::vector<std::vector<float>> channels;
};

/// Decodes one stream of a file whole, at most `max_seconds` and `max_samples`, those of all channels together (an error beyond). Guarantee: blocking.
[[nodiscard]] Expected<AudioFile> read_audio_file(const std::string& path, const std::string& stream = {}, double max_seconds = 3600,
                                                  std::size_t max_samples = std::size_t{1} << 30);

}  // namespace stemwire::media
