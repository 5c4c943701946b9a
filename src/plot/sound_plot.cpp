// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/sound_plot.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <vector>

#include "media/decode_pool.hpp"
#include "media/probe.hpp"
#include "plot/axis.hpp"
#include "plot/charts.hpp"

namespace stemwire::plot {

namespace {

constexpr std::uint32_t piece_frames = 8192;
constexpr Epoch only_epoch = 1;

/// A stream as it goes into the pictures.
struct Sound {
    Waveform waveform;
    Spectrogram spectrogram;
};

/// Reads up to a frame, or to the end.
void read_all(media::DecodedStream& stream, Frames longest, Sound& sound, const std::atomic<bool>& interrupted)
{
    std::vector<std::vector<float>> channels(stream.channels(), std::vector<float>(piece_frames));
    std::vector<float*> out;
    for (auto& channel : channels) out.push_back(channel.data());
    const std::vector<const float*> in(out.begin(), out.end());
    for (Frames frame = 0; frame < longest && !interrupted; frame += piece_frames) {
        stream.fill(piece_frames);
        stream.read(only_epoch, frame, out, piece_frames);
        for (auto& channel : channels)
            std::ranges::replace_if(channel, [](float sample) { return !std::isfinite(sample); }, 0.0f);
        const Frames end = std::min(longest, stream.end().value_or(endless));
        const auto frames = static_cast<std::uint32_t>(std::min<Frames>(piece_frames, end > frame ? end - frame : 0));
        sound.waveform.add(in, frames);
        sound.spectrogram.add(in, frames);
        if (frames < piece_frames) break;
    }
    sound.spectrogram.finish();
}

Error in_file(const SoundRequest& request, Error error)
{
    if (error.file.empty()) error.file = request.file;
    return error;
}

}  // namespace

Expected<SoundPlot> plot_sound(const SoundRequest& request, const std::atomic<bool>& interrupted)
{
    const auto fail = [&](const Error& error) { return tl::unexpected(in_file(request, error)); };
    const auto file = media::probe(request.file);
    if (!file) return fail(file.error());
    const auto info = media::select_stream(*file, request.stream);
    if (!info) return fail(info.error());
    media::DecodePool decoders(0);
    const auto stream = decoders.open({.file = std::filesystem::absolute(request.file).string(), .stream = request.stream});
    if (!stream) return fail(stream.error());
    const double rate_hz = info->rate_hz;
    if (auto prepared = (*stream)->prepare(rate_hz, true); !prepared) return fail(prepared.error());
    (*stream)->cue({.epoch = only_epoch});

    Sound sound{Waveform((*stream)->channels()), Spectrogram((*stream)->channels(), rate_hz)};
    read_all(**stream, request.duration_seconds ? seconds_to_frames(*request.duration_seconds, rate_hz) : endless, sound, interrupted);
    if (sound.waveform.frames() == 0) return fail({"has no audio in it"});
    std::vector<std::string> names;
    for (const Position position : info->layout.positions()) names.emplace_back(to_string(position));
    names.resize(sound.waveform.channels());
    const double seconds = static_cast<double>(sound.waveform.frames()) / rate_hz;
    return SoundPlot{draw_sound({request.title, {plain_number(seconds, 3) + " s", plain_number(rate_hz / 1000.0, 3) + " kHz"}}, sound.waveform, sound.spectrogram, names, rate_hz),
                     (*stream)->take_message()};
}

}  // namespace stemwire::plot
