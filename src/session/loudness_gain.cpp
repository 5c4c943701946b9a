// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/loudness_gain.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "session/loudness_cache.hpp"

namespace stemwire::session {

namespace {

constexpr double gain_step_db = 0.01;  // finer is neither heard nor read

std::string decibels(double value, const char* format = "%.1f")
{
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

std::vector<std::string> lines_of(const SongLoudness& song, const LoudnessGain& gain, const preset::LoudnessModel& wanted, const std::string& how)
{
    const OutputLoudness& main = song.outputs.front();
    if (!std::isfinite(main.integrated_lufs)) return {"loudness: the song is silent (" + how + "): no gain"};
    std::string line = "loudness: " + decibels(main.integrated_lufs) + " LUFS, true peak " + decibels(main.true_peak_dbtp) + " dBTP (" + how + "); gain " + decibels(gain.gain_db, "%+.1f") + " dB";
    if (gain.limited_by.empty()) return {line + " to " + decibels(wanted.target_lufs, "%g") + " LUFS"};
    return {line + " instead of " + decibels(wanted.target_lufs - main.integrated_lufs, "%+.1f") + " dB, which would raise the true peak of '" + gain.limited_by + "' over " +
            decibels(wanted.true_peak_db, "%g") + " dB: " + decibels(main.integrated_lufs + gain.gain_db) + " LUFS"};
}

SongGain gain_of(const SongLoudness& song, const preset::LoudnessModel& wanted, const std::string& how)
{
    SongGain result{.gain = choose_gain(song, wanted), .lines = {}};
    result.lines = lines_of(song, result.gain, wanted, how);
    return result;
}

/// The parts of an endless song that are measured, in the order in which they are tried.
std::vector<std::optional<double>> lengths_of(const preset::Preset& preset, std::optional<double> endless_seconds)
{
    if (preset.loudness->length_seconds) return {preset.loudness->length_seconds};
    std::vector<std::optional<double>> lengths{std::nullopt};
    if (preset.transport.loop_seconds) lengths.emplace_back(preset.transport.loop_seconds->second);
    else if (endless_seconds) lengths.push_back(endless_seconds);
    return lengths;
}

std::optional<SongGain> look_up(const preset::Preset& preset, std::optional<double> endless_seconds)
{
    for (const auto& length : lengths_of(preset, endless_seconds))
        if (const auto song = find_loudness(loudness_key(preset, length))) return gain_of(*song, *preset.loudness, "measured before");
    return std::nullopt;
}

}  // namespace

bool runs_loudness(const preset::Preset& preset, const std::vector<std::string>& own_nodes)
{
    const auto is_own = [&](const preset::NodeModel& node) { return node.added && (own_nodes.empty() || std::ranges::find(own_nodes, node.name) != own_nodes.end()); };
    return std::ranges::any_of(preset.nodes, is_own);
}

LoudnessGain choose_gain(const SongLoudness& song, const preset::LoudnessModel& wanted)
{
    const double lufs = song.outputs.front().integrated_lufs;
    if (!std::isfinite(lufs)) return {};
    LoudnessGain gain{.gain_db = std::round((wanted.target_lufs - lufs) / gain_step_db) * gain_step_db};
    for (const OutputLoudness& output : song.outputs) {
        if (output.true_peak_dbtp + gain.gain_db <= wanted.true_peak_db) continue;
        gain = {.gain_db = std::floor((wanted.true_peak_db - output.true_peak_dbtp) / gain_step_db) * gain_step_db, .limited_by = output.name};
    }
    return gain;
}

std::optional<SongGain> known_song_gain(const preset::Preset& preset)
{
    return look_up(preset, std::nullopt);
}

tl::expected<SongGain, Errors> song_gain(const preset::Preset& preset, std::optional<double> endless_seconds, unsigned threads, const RenderProgress& progress,
                                         const std::atomic<bool>& interrupted)
{
    if (auto known = look_up(preset, endless_seconds)) return std::move(*known);
    const auto song = measure_loudness(preset, {.duration_seconds = std::nullopt, .endless_seconds = endless_seconds, .threads = threads, .inputs = {}}, progress, interrupted);
    if (!song) return tl::unexpected(song.error());
    const bool kept = keep_loudness(loudness_key(preset, song->length_seconds), *song);
    SongGain result = gain_of(*song, *preset.loudness, "measured in " + decibels(song->wall_seconds) + " s");
    for (const std::string& name : song->unheard) result.lines.push_back("loudness: measured without '" + name + "', which is a live input");
    if (!kept) result.lines.emplace_back("loudness: the measurement cannot be kept for the next time (no folder $XDG_CACHE_HOME or ~/.cache that can be written)");
    return result;
}

}  // namespace stemwire::session
