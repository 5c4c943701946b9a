// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/quick_preset.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "container/pack.hpp"
#include "container/song_preset.hpp"
#include "container/yaml_text.hpp"
#include "media/probe.hpp"

namespace stemwire::session {

namespace {

namespace fs = std::filesystem;
using container::node_name;
using container::path_from;
using container::quoted;
using container::unique_name;

struct Track {
    std::string name;
    std::string file;      ///< as it is written
    std::string stream;    ///< empty: the file's only one
    std::string comment;
};

std::string describe(const media::StreamInfo& stream)
{
    std::string text = stream.codec + ", " + to_string(stream.layout) + ", " + std::to_string(stream.rate_hz) + " Hz";
    if (stream.seconds) text += ", " + std::to_string(static_cast<long>(*stream.seconds + 0.5)) + " s";
    return text;
}

void add_tracks(const media::FileInfo& info, const std::string& folder, std::set<std::string>& taken, std::vector<Track>& tracks)
{
    const std::string stem = fs::path(info.path).stem().string();
    for (const media::StreamInfo& stream : info.streams) {
        const bool only = info.streams.size() == 1;
        const std::string label = only ? stem : stream.title.empty() ? stem + "-" + std::to_string(stream.index) : fs::path(stream.title).stem().string();
        tracks.push_back({unique_name(node_name(label), taken), path_from(folder, info.path), only ? "" : std::to_string(stream.index), describe(stream)});
    }
}

std::string write(const std::vector<Track>& tracks, bool loop)
{
    std::string yaml = "stemwire: 1\n\nnodes:\n";
    for (const Track& track : tracks) {
        yaml += "  " + track.name + ": { type: track, file: " + quoted(track.file);
        if (!track.stream.empty()) yaml += ", stream: " + track.stream;
        yaml += std::string(loop ? ", loop: true" : "") + " }   # " + track.comment + "\n";
    }
    yaml += "\n  mix:\n    type: mixer\n    buses: { main: stereo }\n    channels:\n";
    for (const Track& track : tracks) yaml += "      " + track.name + ": { gain: 0 dB, pan: C }\n";
    yaml += "\nexternal:\n  speakers: { sink: default }\n\nlinks:\n";
    for (const Track& track : tracks) yaml += "  - " + track.name + " -> mix:" + track.name + "\n";
    return yaml + "  - mix:main -> speakers\n";
}

}  // namespace

tl::expected<container::PresetText, Errors> quick_preset(const std::vector<std::string>& files, const container::PresetWishes& wishes)
{
    if (files.size() == 1)
        if (auto packed = container::packed_preset(files.front(), wishes.folder)) return container::PresetText{.text = std::move(*packed)};
    if (files.size() == 1 && container::is_song(files.front())) {
        const auto song = container::read_song(files.front());
        if (!song) return tl::unexpected(Errors{song.error()});
        return container::song_preset(*song, wishes);
    }
    Errors errors;
    std::vector<Track> tracks;
    std::set<std::string> taken{"mix", "speakers"};
    for (const std::string& file : files) {
        const auto info = media::probe(file);
        if (info) add_tracks(*info, wishes.folder, taken, tracks);
        else errors.push_back(info.error());
    }
    if (!errors.empty()) return tl::unexpected(std::move(errors));
    return container::PresetText{.text = write(tracks, wishes.loop)};
}

}  // namespace stemwire::session
