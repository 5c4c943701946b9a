// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/encoder.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "media/encoders.hpp"

namespace stemwire::media {

namespace {

constexpr std::array<std::string_view, 9> endings{".wav", ".flac", ".opus", ".ogg", ".mp3", ".m4a", ".mp4", ".aac", ".mka"};

// Transparent rates: Opus 128 kbit/s, MP3 256 kbit/s and AAC 256 kbit/s in stereo (Hydrogenaudio's listening tests put all well above what is needed).
constexpr std::array<LossyFormat, 7> lossy_formats{{
    {".opus", "opus", "libopus", 64'000, 48'000, 8},
    {".ogg", "ogg", "libopus", 64'000, 48'000, 8},
    {".mp3", "mp3", "libmp3lame", 128'000, 0, 2},
    {".m4a", "ipod", "aac", 128'000, 0, 8},
    {".mp4", "mp4", "aac", 128'000, 0, 8},
    {".aac", "adts", "aac", 128'000, 0, 8},
    {".mka", "matroska", "flac", 0, 0, 8},
}};

std::string lower_case(std::string text)
{
    std::ranges::transform(text, text.begin(), [](unsigned char letter) { return static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + 32 : letter); });
    return text;
}

}  // namespace

std::span<const std::string_view> encodable_endings() noexcept
{
    return endings;
}

Expected<std::unique_ptr<Encoder>> make_encoder(const EncodeRequest& request)
{
    const std::string ending = lower_case(std::filesystem::path(request.file).extension().string());
    if (ending == ".wav") return make_wav_encoder(request);
    if (ending == ".flac") return make_flac_encoder(request);
    const auto format = std::ranges::find(lossy_formats, ending, &LossyFormat::ending);
    if (format == lossy_formats.end()) {
        std::string known;
        for (const std::string_view each : endings) known += (known.empty() ? "" : ", ") + std::string(each);
        return failure(request.file + ": '" + ending + "' is no ending that can be written (" + known + ")");
    }
    if (request.layout.size() > format->most_channels)
        return failure(request.file + ": " + ending + " has at most " + std::to_string(format->most_channels) + " channels, not " + std::to_string(request.layout.size()));
    return make_av_encoder(request, *format);
}

}  // namespace stemwire::media
