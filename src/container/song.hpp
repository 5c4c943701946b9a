// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "media/decode_pool.hpp"
#include "stemwire/error.hpp"

namespace stemwire::container {

using Json = nlohmann::ordered_json;

/// A part of a song: `pick` of its takes sound together, drawn anew at every point.
struct SongTrack {
    std::string name;                        ///< what the author calls it; may be empty
    double level = 1.0;                      ///< linear, 0 … 2
    double pan = 0.0;                        ///< −1 … +1, a balance
    std::vector<media::TakeRequest> takes;   ///< at least one
    std::size_t pick = 1;                    ///< at least one
    std::vector<double> reshuffle_seconds;   ///< whole milliseconds, rising
};

/// A step of the master chain, as the file has it.
struct SongEffect {
    std::string name;  ///< `LowPassFilterSettings`
    Json fields;       ///< an object
};

/// A song with takes. Its tracks are averaged, then go through the effects.
struct Song {
    std::string file;    ///< the container, or the folder
    std::vector<SongTrack> tracks;
    std::vector<SongEffect> effects;
    Errors warnings;
};

/// True for a container with the settings of a song attached, or a folder that has a schedule or audio files. Guarantee: blocking.
[[nodiscard]] bool is_song(const std::string& path);

/// Reads a song: a Matroska file with `play_settings.json` attached (encoder versions 1, 2, 3 and those before there were any), or a folder
/// of audio files (a folder in it is a track with takes), perhaps with `shuffle_schedule.json`, which then says what is played, and
/// `effects_chain.json`. What is missing has its default; what is wrong is left out with a warning. Errors: no song, no JSON, nothing to play.
/// Guarantee: blocking.
[[nodiscard]] Expected<Song> read_song(const std::string& path);

/// In how many ways the takes can be drawn: takes ^ (slots × rows), multiplied over the tracks. Infinity beyond the range of a double.
[[nodiscard]] double combinations(const Song& song);

/// `SS[.fff]`, `MM:SS[.fff]` or `HH:MM:SS[.fff]` in seconds, rounded to a millisecond; nothing for anything else.
[[nodiscard]] std::optional<double> parse_shuffle_point(std::string_view text);

}  // namespace stemwire::container
