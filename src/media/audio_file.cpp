// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "media/encoder.hpp"
#include "media/frame_source.hpp"
#include "media/probe.hpp"

namespace stemwire::media {

namespace {

constexpr std::uint32_t piece_frames = 8192;

struct OpenStream {
    std::unique_ptr<FrameSource> source;
    double seconds;  ///< as the file says, or 0
};

Expected<OpenStream> open_stream(const std::string& path, const std::string& stream)
{
    const auto info = probe(path);
    if (!info) return tl::unexpected(info.error());
    const auto selected = select_stream(*info, stream);
    if (!selected) return tl::unexpected(selected.error());
    const auto file = open_source(path);
    if (!file) return tl::unexpected(file.error());
    auto source = (*file)->open_stream(static_cast<std::size_t>(selected->index), {});
    if (!source) return tl::unexpected(source.error());
    return OpenStream{std::move(*source), selected->seconds.value_or(0.0)};
}

}  // namespace

Expected<AudioFile> read_audio_file(const std::string& path, const std::string& stream, double max_seconds, std::size_t max_samples)
{
    const auto open = open_stream(path, stream);
    if (!open) return tl::unexpected(open.error());
    FrameSource& reader = *open->source;
    AudioFile audio{static_cast<double>(reader.rate_hz()), std::vector<std::vector<float>>(reader.channels())};
    const auto most_frames = static_cast<std::size_t>(max_seconds * audio.rate_hz);
    const auto said_frames = static_cast<std::size_t>(std::min(open->seconds > 0.0 ? open->seconds : 0.0, max_seconds) * audio.rate_hz);
    const std::size_t likely_frames = std::min(said_frames, max_samples / std::max<std::size_t>(audio.channels.size(), 1));
    for (auto& channel : audio.channels) channel.reserve(likely_frames + piece_frames);
    std::vector<float*> out(audio.channels.size());
    for (;;) {
        const std::size_t done = audio.channels.front().size();
        for (std::size_t channel = 0; channel < out.size(); ++channel) {
            audio.channels[channel].resize(done + piece_frames);
            out[channel] = audio.channels[channel].data() + done;
        }
        const std::uint32_t got = reader.read(out, piece_frames);
        for (auto& channel : audio.channels) channel.resize(done + got);
        if (audio.channels.front().size() > most_frames) return tl::unexpected(Error{"is longer than " + std::to_string(static_cast<int>(max_seconds)) + " s", path});
        if (audio.channels.front().size() * out.size() > max_samples)
            return tl::unexpected(Error{"has more than " + std::to_string(max_samples / 1'000'000) + " million samples", path});
        if (got < piece_frames) break;
    }
    if (auto damage = reader.take_message()) return tl::unexpected(Error{std::move(*damage)});
    return audio;
}

}  // namespace stemwire::media
