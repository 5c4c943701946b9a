// SPDX-License-Identifier: GPL-3.0-or-later
#include "container/song.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "container/lenient.hpp"
#include "container/song_effects.hpp"
#include "container/song_folder.hpp"
#include "media/matroska.hpp"
#include "media/probe.hpp"

namespace stemwire::container {

namespace {

namespace fs = std::filesystem;

constexpr const char* settings_name = "play_settings.json";
constexpr const char* schedule_name = "shuffle_schedule.json";
constexpr const char* effects_name = "effects_chain.json";
constexpr double most_slots = 64.0;

Expected<Json> parse_json(const std::string& text, const std::string& name, const std::string& file)
{
    Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) return tl::unexpected(Error{name + " is no JSON", file});
    return json;
}

/// Reads the settings of one song.
class SongReader {
public:
    explicit SongReader(const std::string& file) { song_.file = file; }

    Expected<Song> from_container()
    {
        const auto facts = media::read_matroska(song_.file);
        if (!facts) return tl::unexpected(facts.error());
        const media::Attachment* attached = media::find_attachment(*facts, settings_name);
        if (attached == nullptr) return tl::unexpected(Error{std::string("has no ") + settings_name + " attached", song_.file});
        const auto text = media::read_attachment(song_.file, *attached);
        if (!text) return tl::unexpected(text.error());
        const auto json = parse_json(*text, settings_name, song_.file);
        if (!json) return tl::unexpected(json.error());
        auto info = media::probe(song_.file);
        if (!info) return tl::unexpected(info.error());
        info_ = std::move(*info);
        track_numbers_ = facts->audio_tracks;
        return read_settings(*json);
    }

    Expected<Song> from_folder()
    {
        std::error_code ignored;
        if (fs::exists(fs::path(song_.file) / effects_name, ignored)) {
            const auto effects = read_json_file(effects_name);
            if (!effects) return tl::unexpected(effects.error());
            read_effects(*effects);
        }
        if (!fs::exists(fs::path(song_.file) / schedule_name, ignored)) {
            for (const FolderTrack& track : folder_tracks(song_.file, impulse_files()))
                read_scheduled_track({{"name", track.name}, {"file_paths", track.files}});
            return finished();
        }
        const auto schedule = read_json_file(schedule_name);
        if (!schedule) return tl::unexpected(schedule.error());
        const Json& tracks = schedule->is_object() ? member(*schedule, "tracks") : *schedule;
        for (const Json& track : tracks.is_array() ? tracks : Json::array()) read_scheduled_track(track);
        return finished();
    }

private:
    void warn(std::string message) { song_.warnings.push_back({std::move(message), song_.file}); }

    Expected<Json> read_json_file(const std::string& name)
    {
        std::ifstream file(fs::path(song_.file) / name, std::ios::binary);
        return parse_json({std::istreambuf_iterator<char>(file), {}}, name, song_.file);
    }

    Expected<Song> finished()
    {
        if (song_.tracks.empty()) return tl::unexpected(Error{"has no track that plays anything", song_.file});
        return std::move(song_);
    }

    Expected<Song> read_settings(const Json& root)
    {
        const Json& nested = member(root, "play_settings");
        const Json& settings = nested.is_object() ? nested : root;
        const Json& said = member(root, "encoder_version");
        const Json& version = said.is_null() ? member(settings, "encoder_version") : said;
        const bool legacy = version.is_null();
        if (!legacy && !is_known_version(version)) warn("was written by an encoder of version " + version.dump() + ", which is not known: it is read like 3");
        const Json& tracks = member(settings, "tracks");
        for (const Json& track : tracks.is_array() ? tracks : Json::array()) read_track(track, legacy);
        if (!legacy) read_effects(member(settings, "effects"));
        return finished();
    }

    static bool is_known_version(const Json& version)
    {
        const auto number = as_number(version);
        return number && (*number == 1.0 || *number == 2.0 || *number == 3.0);
    }

    void read_track(const Json& track, bool legacy)
    {
        SongTrack read = legacy ? SongTrack{.name = text_of(track, {"name", "safe_name"})} : with_mix(track);
        if (member(track, "ids").is_array()) {
            for (const Json& id : member(track, "ids"))
                if (const auto number = as_number(id)) add_take(*number, read);
        } else {
            const double first = number_of(track, {"startingIndex"}, 0.0);
            const double length = std::clamp(number_of(track, {"length"}, 0.0), 0.0, 10000.0);
            for (double index = 1.0; index <= length; ++index) add_take(first + index, read);
        }
        keep(std::move(read));
    }

    /// Paths of the impulse responses that lie in the folder: they are no tracks.
    [[nodiscard]] std::vector<std::string> impulse_files() const
    {
        std::vector<std::string> files;
        for (const SongEffect& effect : song_.effects) {
            const EffectUnit unit = translate(effect);
            if (const auto* reverb = std::get_if<ReverbUnit>(&unit))
                files.push_back(fs::path(reverb->impulse.starts_with("file:") ? reverb->impulse.substr(5) : reverb->impulse).lexically_normal().string());
        }
        return files;
    }

    void read_scheduled_track(const Json& track)
    {
        SongTrack read = with_mix(track);
        const Json& paths = member(track, "file_paths");
        for (const Json& path : paths.is_array() ? paths : Json::array()) {
            if (!path.is_string()) continue;
            const fs::path file = fs::path(song_.file) / path.get<std::string>();
            std::error_code ignored;  // a name that no file can have is a file that is not there
            if (fs::exists(file, ignored)) read.takes.push_back({fs::absolute(file, ignored).lexically_normal().string(), ""});
            else warn("names " + path.get<std::string>() + ", which does not exist");
        }
        keep(std::move(read));
    }

    SongTrack with_mix(const Json& track)
    {
        SongTrack read{.name = text_of(track, {"name", "safe_name"})};
        read.level = std::clamp(number_of(track, {"level"}, 1.0), 0.0, 2.0);
        read.pan = std::clamp(number_of(track, {"pan"}, 0.0), -1.0, 1.0);
        const double slots = std::floor(number_of(track, {"selections_count"}, 1.0));
        if (slots > most_slots) warn("plays " + number_text(slots) + " takes of one track at once; 64 is the most");
        read.pick = static_cast<std::size_t>(std::clamp(slots, 0.0, most_slots));
        const Json& points = member(track, "shuffle_points");
        for (const Json& point : points.is_array() ? points : Json::array()) add_point(point, read.reshuffle_seconds);
        std::ranges::sort(read.reshuffle_seconds);
        std::vector<double>& seconds = read.reshuffle_seconds;
        seconds.erase(std::unique(seconds.begin(), seconds.end()), seconds.end());
        return read;
    }

    void add_point(const Json& point, std::vector<double>& seconds)
    {
        const auto parsed = parse_shuffle_point(point.is_string() ? point.get<std::string>() : point.dump());
        if (parsed) seconds.push_back(*parsed);
        else warn("has a shuffle point " + point.dump(-1, ' ', true, Json::error_handler_t::replace) + ", which is no time (such as 1:30.5)");
    }

    /// The stream with this TrackNumber; where the container does not say any, the N-th.
    void add_take(double number, SongTrack& track)
    {
        const auto found = std::ranges::find(track_numbers_, number, [](std::uint64_t each) { return static_cast<double>(each); });
        double index = static_cast<double>(found - track_numbers_.begin());
        if (track_numbers_.empty()) index = number - 1.0;
        const bool exists = std::ranges::any_of(info_.streams, [&](const media::StreamInfo& stream) { return stream.index == index; });
        if (exists) track.takes.push_back({song_.file, std::to_string(static_cast<int>(index))});
        else warn("has no audio track " + number_text(number));
    }

    void keep(SongTrack track)
    {
        if (track.takes.empty()) return warn("has a track" + (track.name.empty() ? "" : " '" + track.name + "'") + " without takes, which is left out");
        if (track.pick > 0) song_.tracks.push_back(std::move(track));
    }

    void read_effects(const Json& effects)
    {
        for (const Json& effect : effects.is_array() ? effects : Json::array()) {
            if (effect.is_object() && effect.size() == 1) song_.effects.push_back({effect.begin().key(), effect.begin().value()});
            else warn("has an effect that is not of the form { NAME: { … } }, which is left out");
        }
    }

    Song song_;
    media::FileInfo info_;
    std::vector<std::uint64_t> track_numbers_;
};

std::optional<double> whole_number(std::string_view text)
{
    double value = 0.0;
    if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    for (const char digit : text) value = value * 10.0 + (digit - '0');
    return value;
}

std::optional<double> plain_seconds(std::string_view text)
{
    if (text.empty() || text.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

bool is_song(const std::string& path)
{
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) return fs::exists(fs::path(path) / schedule_name, ignored) || !folder_tracks(path).empty();
    const auto facts = media::read_matroska(path);
    return facts && std::ranges::find(facts->attachments, settings_name, &media::Attachment::name) != facts->attachments.end();
}

Expected<Song> read_song(const std::string& path)
{
    std::error_code ignored;
    SongReader reader(path);
    return fs::is_directory(path, ignored) ? reader.from_folder() : reader.from_container();
}

double combinations(const Song& song)
{
    double count = 1.0;
    for (const SongTrack& track : song.tracks)
        count *= std::pow(static_cast<double>(track.takes.size()), static_cast<double>(track.pick * (track.reshuffle_seconds.size() + 1)));
    return count;
}

std::optional<double> parse_shuffle_point(std::string_view text)
{
    text = trimmed(text);
    double minutes = 0.0;
    for (int part = 0; part < 2; ++part) {
        const auto colon = text.find(':');
        if (colon == std::string_view::npos) break;
        const auto number = whole_number(text.substr(0, colon));
        if (!number) return std::nullopt;
        minutes = minutes * 60.0 + *number;
        text.remove_prefix(colon + 1);
    }
    const auto seconds = plain_seconds(text);
    if (!seconds) return std::nullopt;
    return std::round((minutes * 60.0 + *seconds) * 1000.0) / 1000.0;
}

}  // namespace stemwire::container
