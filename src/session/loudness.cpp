// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/loudness.hpp"

#include <algorithm>
#include <chrono>
#include <deque>

#include "dsp/loudness.hpp"
#include "dsp/mix.hpp"
#include "dsp/true_peak_meter.hpp"
#include "preset/loudness_nodes.hpp"
#include "session/offline_song.hpp"
#include "stemwire/units.hpp"

namespace stemwire::session {

namespace {

/// What listens to one sink. Its two meters run on threads of their own.
struct OutputMeters {
    SongOutput output;
    dsp::LoudnessMeter loudness;
    dsp::TruePeakMeter true_peak;

    OutputMeters(SongOutput heard, double rate_hz) : output(std::move(heard)), loudness(rate_hz, output.layout), true_peak(output.layout.size()) {}

    [[nodiscard]] OutputLoudness result() const
    {
        return {.name = output.name,
                .integrated_lufs = loudness.integrated_lufs(),
                .range_lu = loudness.range_lu(),
                .max_momentary_lufs = loudness.max_momentary_lufs(),
                .max_short_term_lufs = loudness.max_short_term_lufs(),
                .true_peak_dbtp = linear_to_decibels(true_peak.peak())};
    }
};

float peak_of(std::span<const float* const> channels, std::uint32_t frames)
{
    float peak = 0.0f;
    for (const float* channel : channels) peak = std::max(peak, dsp::measure(channel, frames).peak);
    return peak;
}

void listen(OfflineSong& song, OutputMeters& meters, bool is_main, const RenderProgress& progress)
{
    song.listen(meters.output, [&song, &meters, is_main, progress](std::span<const float* const> channels, std::uint32_t frames, bool more) -> Expected<void> {
        meters.loudness.add(channels, frames);
        if (!is_main) return {};
        song.heard(frames, peak_of(channels, frames));
        progress(song.frames(), more && song.total() ? *song.total() : song.frames());
        return {};
    });
    song.listen(meters.output, [&meters](std::span<const float* const> channels, std::uint32_t frames, bool more) -> Expected<void> {
        meters.true_peak.add(channels, frames);
        if (!more) meters.true_peak.finish();
        return {};
    });
}

std::vector<std::string> unheard_inputs(const preset::Preset& preset, const std::map<std::string, std::string>& inputs)
{
    std::vector<std::string> names;
    for (const graph::OuterLink& link : preset.graph.outer_links) {
        const std::string& name = preset.externals[link.external].name;
        if (!link.outward && !inputs.contains(name) && std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    return names;
}

/// One measurement from beginning to end. Nothing where the song never ends.
tl::expected<std::optional<SongLoudness>, Errors> measure(const preset::Preset& preset, const LoudnessRequest& request, const RenderProgress& progress,
                                                          const std::atomic<bool>& interrupted)
{
    OfflineSong song(preset);
    if (auto errors = song.prepare({.duration_seconds = request.duration_seconds, .quantum = std::nullopt, .threads = request.threads}); !errors.empty())
        return tl::unexpected(std::move(errors));
    std::deque<OutputMeters> meters;
    for (SongOutput& output : song.outputs()) {
        meters.emplace_back(std::move(output), song.rate_hz());
        listen(song, meters.back(), meters.size() == 1, progress);
    }
    if (meters.empty()) return tl::unexpected(Errors{{"nothing of this preset is linked to a sink: there is nothing to measure (link a node to an external such as { sink: default })", preset.path}});
    if (auto opened = song.open_inputs(request.inputs); !opened) return tl::unexpected(Errors{opened.error()});
    if (song.total() == endless) return std::nullopt;
    if (auto done = song.run(interrupted); !done) return tl::unexpected(Errors{done.error()});
    SongLoudness result{.outputs = {}, .frames = song.frames(), .rate_hz = song.rate_hz()};
    for (const OutputMeters& each : meters) result.outputs.push_back(each.result());
    result.unheard = unheard_inputs(preset, request.inputs);
    result.messages = song.instance().take_messages();
    return result;
}

Error endless_song(const preset::Preset& preset)
{
    const std::string message = "no track of this preset ever ends: say how much of it to measure (--duration TIME, or in the preset ";
    if (!preset.loudness) return {message + "transport: { loop: [FROM, TO] })", preset.path};
    return {message + "loudness: { length: TIME } or transport: { loop: [FROM, TO] })", preset.path, preset.loudness->mark};
}

}  // namespace

tl::expected<SongLoudness, Errors> measure_loudness(const preset::Preset& preset, const LoudnessRequest& request, const RenderProgress& progress,
                                                    const std::atomic<bool>& interrupted)
{
    const auto begin = std::chrono::steady_clock::now();
    preset::Preset listened_to = without_takes(preset);
    preset::set_loudness_gain(listened_to, 0.0);
    LoudnessRequest part = request;
    if (!part.duration_seconds && preset.loudness) part.duration_seconds = preset.loudness->length_seconds;
    auto result = measure(listened_to, part, progress, interrupted);
    if (result && !*result) {
        part.duration_seconds = preset.transport.loop_seconds ? std::optional(preset.transport.loop_seconds->second) : request.endless_seconds;
        if (!part.duration_seconds) return tl::unexpected(Errors{endless_song(preset)});
        result = measure(listened_to, part, progress, interrupted);
    }
    if (!result) return tl::unexpected(std::move(result.error()));
    (*result)->length_seconds = part.duration_seconds;
    (*result)->wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return std::move(**result);
}

}  // namespace stemwire::session
