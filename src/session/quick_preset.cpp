// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/quick_preset.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>

#include "media/probe.hpp"

namespace stemwire::session {

namespace {

namespace fs = std::filesystem;

struct Track {
    std::string name;
    std::string file;      ///< as it is written
    std::string stream;    ///< empty: the file's only one
    std::string comment;
};

/// A name that a node may have: lower-case letters, digits, `_` and `-`, beginning with a letter.
std::string node_name(std::string_view text)
{
    std::string name;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (byte < 128 && std::isalnum(byte) != 0) name += static_cast<char>(std::tolower(byte));
        else if (!name.empty() && name.back() != '-') name += '-';
    }
    while (!name.empty() && name.back() == '-') name.pop_back();
    if (name.empty() || std::isalpha(static_cast<unsigned char>(name.front())) == 0) name = "track" + (name.empty() ? "" : "-" + name);
    return name;
}

std::string unique_name(std::string name, std::set<std::string>& taken)
{
    const std::string stem = name;
    for (int number = 2; !taken.insert(name).second; ++number) name = stem + "-" + std::to_string(number);
    return name;
}

/// A double-quoted YAML scalar.
std::string quoted(const std::string& text)
{
    std::string yaml = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') yaml += '\\';
        if (letter == '\n') yaml += "\\n";
        else yaml += letter;
    }
    return yaml + "\"";
}

std::string path_from(const fs::path& folder, const fs::path& file)
{
    const fs::path absolute = fs::weakly_canonical(file);
    const fs::path relative = absolute.lexically_relative(fs::weakly_canonical(folder));
    return relative.empty() || *relative.begin() == ".." ? absolute.string() : relative.string();
}

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

tl::expected<std::string, Errors> quick_preset(const std::vector<std::string>& files, const std::string& folder, bool loop)
{
    Errors errors;
    std::vector<Track> tracks;
    std::set<std::string> taken{"mix", "speakers"};
    for (const std::string& file : files) {
        const auto info = media::probe(file);
        if (info) add_tracks(*info, folder, taken, tracks);
        else errors.push_back(info.error());
    }
    if (!errors.empty()) return tl::unexpected(std::move(errors));
    return write(tracks, loop);
}

}  // namespace stemwire::session
