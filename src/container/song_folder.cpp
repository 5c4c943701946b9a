// SPDX-License-Identifier: GPL-3.0-or-later
#include "container/song_folder.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <string_view>

namespace stemwire::container {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 14> audio_endings{".aac", ".aif", ".aiff", ".alac", ".flac", ".m4a", ".mka", ".mp3",
                                                         ".oga", ".ogg", ".opus", ".wav", ".wma", ".wv"};

bool is_audio(const fs::directory_entry& entry)
{
    std::error_code ignored;
    std::string ending = entry.path().extension().string();
    std::ranges::transform(ending, ending.begin(), [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return entry.is_regular_file(ignored) && std::ranges::find(audio_endings, ending) != audio_endings.end();
}

std::vector<fs::directory_entry> entries_of(const fs::path& folder)
{
    std::error_code ignored;
    std::vector<fs::directory_entry> entries(fs::directory_iterator(folder, ignored), {});
    std::erase_if(entries, [](const fs::directory_entry& entry) { return entry.path().filename().string().starts_with('.'); });
    std::ranges::sort(entries);
    return entries;
}

}  // namespace

std::vector<FolderTrack> folder_tracks(const std::string& folder, const std::vector<std::string>& left_out)
{
    std::vector<FolderTrack> tracks;
    const auto add = [&](FolderTrack& track, const fs::directory_entry& entry) {
        std::string path = entry.path().lexically_relative(folder).string();
        if (is_audio(entry) && std::ranges::find(left_out, path) == left_out.end()) track.files.push_back(std::move(path));
    };
    for (const fs::directory_entry& entry : entries_of(folder)) {
        std::error_code ignored;
        FolderTrack track{(entry.is_directory(ignored) ? entry.path().filename() : entry.path().stem()).string(), {}};
        if (entry.is_directory(ignored)) {
            for (const fs::directory_entry& take : entries_of(entry.path())) add(track, take);
        } else {
            add(track, entry);
        }
        if (!track.files.empty()) tracks.push_back(std::move(track));
    }
    return tracks;
}

}  // namespace stemwire::container
