// SPDX-License-Identifier: GPL-3.0-or-later
#include "container/song_preset.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "container/lenient.hpp"
#include "container/song_effects.hpp"
#include "container/yaml_text.hpp"
#include "media/matroska.hpp"
#include "media/probe.hpp"
#include "stemwire/units.hpp"

namespace stemwire::container {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_own_channels = 2;  // an impulse with more is used channel by channel, not as true stereo

std::string decibels_text(double factor, double lowest_db)
{
    const double gain_db = linear_to_decibels(factor);
    return gain_db < lowest_db - 0.001 ? "off" : number_text(std::round(std::max(gain_db, lowest_db) * 1e6) / 1e6) + " dB";
}

/// The format's writers leave quotation marks around names.
std::string without_quotes(const std::string& name)
{
    const auto first = name.find_first_not_of('"');
    return first == std::string::npos ? "" : name.substr(first, name.find_last_not_of('"') - first + 1);
}

std::string content_of(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Where an impulse response is.
struct Impulse {
    std::string yaml;           ///< the parameters that name it
    std::size_t channels = 0;
};

/// Writes the preset of one song.
class SongWriter {
public:
    SongWriter(const Song& song, const PresetWishes& wishes) : song_(song), wishes_(wishes) {}

    PresetText write()
    {
        result_.warnings = song_.warnings;
        for (const SongTrack& track : song_.tracks) add_track(track);
        add_chain();
        result_.text = "stemwire: 1\n\n# " + one_line(fs::path(song_.file).filename().string()) + ": " + std::to_string(song_.tracks.size()) +
                       (song_.tracks.size() == 1 ? " track" : " tracks") + "\n" + rate() + "\nnodes:\n" + nodes_ +
                       "\n  mix:\n    type: mixer\n    buses: { main: stereo }\n    channels:\n" + channels_ + chain_ +
                       "\nexternal:\n  speakers: { sink: default }\n\nlinks:\n" + links_ + "  - " + path_ + " -> speakers\n" + transport();
        return std::move(result_);
    }

private:
    void warn(std::string message) { result_.warnings.push_back({std::move(message), song_.file}); }

    static std::string one_line(std::string text)
    {
        std::ranges::replace_if(text, [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f; }, ' ');
        return text;
    }

    std::string label_of(const SongTrack& track)
    {
        if (!track.name.empty()) return track.name;
        const media::TakeRequest& first = track.takes.front();
        if (first.stream.empty()) return fs::path(first.file).stem().string();
        const auto info = info_of(first.file);
        const auto stream = info ? media::select_stream(*info, first.stream) : tl::unexpected(Error{});
        const std::string title = stream ? fs::path(stream->title).stem().string() : "";
        return title.empty() ? "track-" + std::to_string(++unnamed_) : title;
    }

    Expected<media::FileInfo> info_of(const std::string& file)
    {
        if (info_ && info_->path == file) return *info_;
        auto probed = media::probe(file);
        if (probed) info_ = *probed;
        return probed;
    }

    /// More channels than two are mixed down as the song's player does; one goes to both sides by the link.
    bool is_wide(const SongTrack& track)
    {
        return std::ranges::any_of(track.takes, [&](const media::TakeRequest& take) {
            const auto info = info_of(take.file);
            const auto stream = info ? media::select_stream(*info, take.stream) : tl::unexpected(Error{});
            return stream && stream->layout.size() > 2;
        });
    }

    std::string list_of_takes(const SongTrack& track) const
    {
        std::string text;
        for (const media::TakeRequest& take : track.takes)
            text += (text.empty() ? "" : ", ") + (take.stream.empty() ? quoted(path_from(wishes_.folder, take.file)) : take.stream);
        return text;
    }

    void add_track(const SongTrack& track)
    {
        const std::string name = unique_name(node_name(label_of(track)), taken_);
        const bool draws = track.takes.size() > 1 || track.pick > 1;
        const media::TakeRequest& first = track.takes.front();
        std::string text = "  " + name + ":\n    type: track\n";
        if (!first.stream.empty() || !draws) text += "    file: " + quoted(path_from(wishes_.folder, first.file)) + "\n";
        if (!first.stream.empty() && !draws) text += "    stream: " + first.stream + "\n";
        if (draws) text += "    takes: [" + list_of_takes(track) + "]\n";
        if (track.pick > 1) text += "    pick: " + std::to_string(track.pick) + "\n";
        if (draws && !track.reshuffle_seconds.empty()) text += "    reshuffle: [" + times(track.reshuffle_seconds) + "]\n";
        if (draws) text += "    seed: " + std::to_string(wishes_.seed + seeds_++) + "   # another number draws other takes\n";
        if (is_wide(track)) text += "    channels: stereo\n";
        nodes_ += text;
        channels_ += "      " + name + ": { layout: stereo, gain: " + decibels_text(track.level, -120.0) + ", pan: " + number_text(track.pan) + " }\n";
        links_ += "  - " + name + " -> mix:" + name + "\n";
    }

    static std::string times(const std::vector<double>& seconds)
    {
        std::string text;
        for (const double time : seconds) text += (text.empty() ? "" : ", ") + number_text(time) + " s";
        return text;
    }

    void add_chain()
    {
        if (song_.tracks.size() > 1)
            units_ = "      - gain: { gain: " + decibels_text(1.0 / static_cast<double>(song_.tracks.size()), -120.0) + " }   # the average of the tracks\n";
        for (const SongEffect& effect : song_.effects) {
            const EffectUnit unit = translate(effect);
            if (const auto* chain = std::get_if<ChainUnit>(&unit)) units_ += "      - " + chain->yaml + "\n";
            if (const auto* reverb = std::get_if<ReverbUnit>(&unit)) add_reverb(effect, *reverb);
            if (const auto* silent = std::get_if<SilentUnit>(&unit)) leave_out(effect, *silent);
        }
        end_chain();
    }

    void leave_out(const SongEffect& effect, const SilentUnit& unit)
    {
        // ASCII alone: no byte of it can break a comment.
        notes_ += "  # left out, since it " + unit.reason + ": " + Json{{effect.name, effect.fields}}.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
        if (unit.is_missed) warn("the effect " + effect.name + " is left out, since it " + unit.reason);
    }

    /// The units since the last reverb become a node.
    void end_chain()
    {
        if (!notes_.empty()) chain_ += "\n" + notes_;
        notes_.clear();
        if (units_.empty()) return;
        const std::string name = unique_name("master", taken_);
        chain_ += "\n  " + name + ":\n    type: effects\n    chain:\n" + units_;
        path_ += " -> " + name;
        units_.clear();
    }

    void add_reverb(const SongEffect& effect, const ReverbUnit& unit)
    {
        const auto impulse = find_impulse(unit.impulse);
        if (!impulse) return leave_out(effect, {impulse.error().message, true});
        end_chain();
        const std::string name = unique_name("reverb", taken_);
        chain_ += "\n  " + name + ":\n    type: reverb\n" + impulse->yaml + (impulse->channels > most_own_channels ? "    routing: parallel\n" : "") +
                  "    normalize: energy\n    trim: " + number_text(unit.tail_db) + " dB\n    dry: " + decibels_text(1.0 - unit.mix, -120.0) +
                  "\n    wet: " + decibels_text(unit.mix, -120.0) + "\n    channels: stereo\n";
        path_ += " -> " + name;
    }

    Expected<Impulse> find_impulse(const std::string& named)
    {
        const bool attached = named.starts_with("attachment:");
        const std::string name = without_quotes(attached ? named.substr(11) : named.starts_with("file:") ? named.substr(5) : named);
        std::error_code ignored;
        const fs::path folder = fs::is_directory(song_.file, ignored) ? fs::path(song_.file) : fs::path(song_.file).parent_path();
        if (!attached && fs::is_regular_file(folder / name, ignored)) return impulse_file((folder / name).string());
        return attached_impulse(name);
    }

    Expected<Impulse> impulse_file(const std::string& path) const
    {
        const auto info = media::probe(path);
        if (!info) return failure("needs " + path + ", which " + info.error().message);
        return Impulse{"    impulse: " + quoted(path_from(wishes_.folder, path)) + "\n", info->streams.front().layout.size()};
    }

    Expected<Impulse> attached_impulse(const std::string& name)
    {
        const auto facts = media::read_matroska(song_.file);
        const media::Attachment* attachment = facts ? media::find_attachment(*facts, name) : nullptr;
        if (attachment == nullptr) return failure("needs the impulse response '" + name + "', which is nowhere");
        const auto unpacked = media::AttachedFile::open(song_.file, attachment->name);
        const auto info = unpacked ? media::probe(unpacked->path()) : tl::unexpected(unpacked.error());
        if (!info) return failure("needs the impulse response '" + name + "', which " + info.error().message);
        const std::size_t channels = info->streams.front().layout.size();
        if (wishes_.extract) return Impulse{"    impulse: " + quoted(extract(*attachment)) + "\n", channels};
        return Impulse{"    impulse: " + quoted(path_from(wishes_.folder, song_.file)) + "\n    attachment: " + quoted(attachment->name) + "\n", channels};
    }

    /// The file's name beside the preset. What is there already is only taken where it is the same.
    std::string extract(const media::Attachment& attachment)
    {
        const std::string content = media::read_attachment(song_.file, attachment).value_or("");
        const fs::path base = fs::path(attachment.name).filename();
        std::error_code ignored;
        for (int number = 1;; ++number) {
            const std::string name = number == 1 ? base.string() : base.stem().string() + "-" + std::to_string(number) + base.extension().string();
            const fs::path path = fs::path(wishes_.folder) / name;
            const auto planned = std::ranges::find(result_.files, path.string(), &std::pair<std::string, std::string>::first);
            const bool is_planned = planned != result_.files.end();
            if (is_planned ? planned->second != content : fs::exists(path, ignored) && content_of(path) != content) continue;
            if (!is_planned) result_.files.emplace_back(path.string(), content);
            return name;
        }
    }

    /// The rate that all takes have; empty where they differ.
    std::string rate()
    {
        int rate_hz = 0;
        for (const SongTrack& track : song_.tracks)
            for (const media::TakeRequest& take : track.takes) {
                const auto info = info_of(take.file);
                const auto stream = info ? media::select_stream(*info, take.stream) : tl::unexpected(Error{});
                if (!stream || (rate_hz != 0 && stream->rate_hz != rate_hz)) return "";
                rate_hz = stream->rate_hz;
            }
        return "rate: " + std::to_string(rate_hz) + "\n";
    }

    /// A loop is as long as the container says: a codec's padding at the end would be heard in it.
    std::string transport()
    {
        double seconds = 0.0;
        for (const SongTrack& track : song_.tracks)
            for (const media::TakeRequest& take : track.takes)
                if (const auto info = wishes_.loop ? info_of(take.file) : tl::unexpected(Error{})) seconds = std::max(seconds, info->seconds.value_or(0.0));
        return seconds > 0.0 ? "\ntransport:\n  loop: [0 s, " + number_text(seconds) + " s]\n" : "";
    }

    const Song& song_;
    const PresetWishes& wishes_;
    PresetText result_;
    std::optional<media::FileInfo> info_;
    std::set<std::string> taken_{"mix", "speakers"};
    std::string nodes_;
    std::string channels_;
    std::string links_;
    std::string chain_;
    std::string units_;
    std::string notes_;
    std::string path_ = "mix:main";
    std::uint64_t seeds_ = 0;
    int unnamed_ = 0;
};

}  // namespace

PresetText song_preset(const Song& song, const PresetWishes& wishes)
{
    return SongWriter(song, wishes).write();
}

}  // namespace stemwire::container
