// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/loudness_follower.hpp"

#include <chrono>
#include <utility>

#include "preset/loudness_nodes.hpp"

namespace stemwire::session {

LoudnessFollower::~LoudnessFollower()
{
    interrupted_ = true;
    if (measured_.valid()) measured_.wait();
}

void LoudnessFollower::say_all(const SongGain& song) const
{
    for (const std::string& line : song.lines) say_(line);
}

void LoudnessFollower::take(preset::Preset& next, const preset::Preset& playing)
{
    edit_.reset();
    interrupted_ = true;
    stale_ = true;
    if (!next.loudness) return;
    const double before_db = preset::loudness_gain(playing).value_or(0.0);
    if (const auto known = known_song_gain(next)) {
        if (preset::set_loudness_gain(next, known->gain.gain_db) != before_db) say_all(*known);
        return;
    }
    preset::set_loudness_gain(next, before_db);
    edit_ = next;
    if (!measured_.valid()) measure();
}

/// On one thread, so that what plays has the other cores.
void LoudnessFollower::measure()
{
    interrupted_ = false;
    stale_ = false;
    measured_ = std::async(std::launch::async, [this, preset = *edit_] { return song_gain(preset, std::nullopt, 1, [](Frames, Frames) {}, interrupted_); });
}

std::optional<preset::Preset> LoudnessFollower::take_measured()
{
    using namespace std::chrono_literals;
    if (!measured_.valid() || measured_.wait_for(0s) != std::future_status::ready) return std::nullopt;
    const Measured measured = measured_.get();
    if (stale_) {
        if (edit_) measure();
        return std::nullopt;
    }
    auto edit = std::exchange(edit_, std::nullopt);
    if (!measured) {
        for (const Error& error : measured.error()) say_(to_string(error));
        return std::nullopt;
    }
    say_all(*measured);
    preset::set_loudness_gain(*edit, measured->gain.gain_db);
    return edit;
}

}  // namespace stemwire::session
