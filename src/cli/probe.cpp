// SPDX-License-Identifier: GPL-3.0-or-later
#include "container/song.hpp"
#include "media/probe.hpp"

#include <cstdio>
#include <filesystem>
#include <iostream>

#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"

namespace stemwire::cli {

namespace {

nlohmann::ordered_json optional_number(const std::optional<double>& number)
{
    return number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json(nullptr);
}

std::optional<container::Song> song_of(const std::string& path)
{
    if (!container::is_song(path)) return std::nullopt;
    auto song = container::read_song(path);
    if (!song) {
        print_warnings({song.error()});
        return std::nullopt;
    }
    return std::move(*song);
}

/// A media file, or a folder that is played as a song: it has no streams of its own.
Expected<media::FileInfo> look_into(const std::string& path)
{
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored) && container::is_song(path)) return media::FileInfo{.path = path, .format = "folder"};
    return media::probe(path);
}

nlohmann::ordered_json song_json(const container::Song& song)
{
    auto json = nlohmann::ordered_json{{"combinations", container::combinations(song)}};
    for (const container::SongTrack& track : song.tracks)
        json["tracks"].push_back({{"name", track.name}, {"takes", track.takes.size()}, {"pick", track.pick}, {"reshuffle", track.reshuffle_seconds}});
    for (const container::SongEffect& effect : song.effects) json["effects"].push_back(effect.name);
    return json;
}

void print_json(const media::FileInfo& file, const std::optional<container::Song>& song)
{
    nlohmann::ordered_json json{{"file", file.path}, {"format", file.format}, {"duration", optional_number(file.seconds)}};
    json["streams"] = nlohmann::ordered_json::array();
    for (const media::StreamInfo& stream : file.streams)
        json["streams"].push_back({{"index", stream.index}, {"title", stream.title}, {"language", stream.language}, {"codec", stream.codec},
                                   {"channels", stream.layout.size()}, {"layout", to_string(stream.layout)}, {"rate", stream.rate_hz},
                                   {"duration", optional_number(stream.seconds)}, {"default", stream.is_default}});
    json["attachments"] = file.attachments;
    if (song) json["song"] = song_json(*song);
    std::cout << json.dump(2) << '\n';
}

void print_table(const media::FileInfo& file, const std::optional<container::Song>& song)
{
    if (!file.streams.empty()) std::printf("%-5s  %-24s  %-8s  %-12s  %-10s  %8s  %10s\n", "index", "title", "language", "codec", "channels", "rate", "duration");
    for (const media::StreamInfo& stream : file.streams)
        std::printf("%-5d  %-24s  %-8s  %-12s  %-10s  %5d Hz  %8.3f s\n", stream.index, stream.title.empty() ? "-" : stream.title.c_str(),
                    stream.language.empty() ? "-" : stream.language.c_str(), stream.codec.c_str(), to_string(stream.layout).c_str(), stream.rate_hz,
                    stream.seconds.value_or(0.0));
    for (const std::string& name : file.attachments) std::printf("attached: %s\n", name.c_str());
    if (song) std::printf("song: %zu %s, %.15g %s of takes\n", song->tracks.size(), song->tracks.size() == 1 ? "track" : "tracks",
                          container::combinations(*song), container::combinations(*song) == 1.0 ? "combination" : "combinations");
}

}  // namespace

int probe_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"probe", "FILE", 1, 1, "Lists the audio streams of a media file. `index`, `title` and `language` are what a track's `stream` takes.",
                      {{"json", "", "print one JSON object"}}};
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    const auto file = look_into(options.positional().front());
    if (!file) {
        print_errors({file.error()});
        return exit_bad_input;
    }
    const auto song = song_of(file->path);
    if (options.has("json")) print_json(*file, song);
    else print_table(*file, song);
    return exit_done;
}

}  // namespace stemwire::cli
