// SPDX-License-Identifier: GPL-3.0-or-later
#include "container/pack.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "container/stem.hpp"
#include "container/yaml_text.hpp"
#include "media/matroska.hpp"
#include "media/mux.hpp"
#include "media/temporary_folder.hpp"
#include "nodes/track/parameters.hpp"
#include "preset/rewriter.hpp"
#include "stemwire/units.hpp"

namespace stemwire::container {

namespace {

namespace fs = std::filesystem;
using preset::Step;

constexpr const char* preset_name = "preset.yaml";
constexpr const char* itself = "{container}";  // stands in the packed preset for the file's own name, which may change
constexpr double default_rate_hz = 48000.0;
/// The highest sample that 24 bits hold.
constexpr double full_scale = 1.0 - 1.0 / 8'388'608.0;

Expected<std::string> content_of(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(file), {}};
    if (!file) return tl::unexpected(Error{"cannot be read", path});
    return content;
}

/// Whole dB by which a stem with this peak must be quieter for 24 bits to hold it.
int excess_db(double peak)
{
    return peak <= full_scale ? 0 : static_cast<int>(std::ceil(linear_to_decibels(peak / full_scale)));
}

class Packer {
public:
    Packer(const preset::Preset& preset, const std::string& output, PackCodec codec)
        : preset_(preset), codec_(codec), ending_(codec == PackCodec::flac ? ".flac" : ".opus")
    {
        request_.output = output;
    }

    Expected<void> run()
    {
        if (work_.path().empty()) return failure("no temporary folder can be made");
        auto text = content_of(preset_.path);
        if (!text) return tl::unexpected(text.error());
        auto rewriter = preset::Rewriter::open(std::move(*text), preset_.path, preset_.rate_hz.value_or(default_rate_hz));
        if (!rewriter) return tl::unexpected(rewriter.error());
        text_.emplace(std::move(*rewriter));
        if (auto found = find_stems(); !found) return found;
        if (stems_.empty()) return tl::unexpected(Error{"has no track, so there is nothing to pack", preset_.path});
        if (auto levelled = level_stems(); !levelled) return levelled;
        if (auto encoded = encode_stems(); !encoded) return encoded;
        for (const preset::NodeModel& node : preset_.nodes)
            if (auto packed = pack_node(node); !packed) return packed;
        request_.attachments.insert(request_.attachments.begin(), {preset_name, "application/yaml", text_->text()});
        return media::mux(request_);
    }

private:
    /// A stem that is there once, however many tracks play it.
    struct Packed {
        Stem stem;
        std::string title;
        bool is_ready = false;  ///< a file of the right kind already
        int lowered_db = 0;
    };

    Expected<void> find_stems()
    {
        for (const preset::NodeModel& node : preset_.nodes) {
            if (node.type->name != "track") continue;
            for (const media::TakeRequest& take : nodes::takes_of(node.settings)) {
                const auto number = find_stem(take);
                if (!number) return tl::unexpected(number.error());
                takes_[node.name].push_back(*number);
            }
        }
        return {};
    }

    /// Its number in the container.
    Expected<std::size_t> find_stem(const media::TakeRequest& take)
    {
        const auto info = media::probe(take.file);
        if (!info) return tl::unexpected(info.error());
        const auto stream = media::select_stream(*info, take.stream);
        if (!stream) return tl::unexpected(stream.error());
        const auto [known, is_new] = numbers_.try_emplace({take.file, stream->index}, stems_.size());
        if (!is_new) return known->second;
        const bool alone = info->streams.size() == 1 || stream->title.empty();
        stems_.push_back({.stem = {take.file, *stream}, .title = fs::path(alone ? take.file : stream->title).stem().string(),
                          .is_ready = fs::path(take.file).extension() == ending_ && "." + info->format == ending_});
        return known->second;
    }

    /// What is beyond full scale goes into 24 bits as much quieter, and its tracks play it as much louder: all takes of a track alike.
    Expected<void> level_stems()
    {
        if (codec_ != PackCodec::flac) return {};
        for (Packed& packed : stems_) {
            if (packed.is_ready) continue;
            const auto peak = peak_of(packed.stem);
            if (!peak) return tl::unexpected(peak.error());
            if (!std::isfinite(*peak)) return tl::unexpected(Error{"has samples that are no numbers, which FLAC cannot hold", packed.stem.file});
            packed.lowered_db = excess_db(*peak);
        }
        for (bool changed = true; std::exchange(changed, false);)
            for (const auto& [name, takes] : takes_) {
                const int wanted = lowered_db(takes);
                for (const std::size_t take : takes) changed |= std::exchange(stems_[take].lowered_db, wanted) != wanted;
            }
        return {};
    }

    [[nodiscard]] int lowered_db(const std::vector<std::size_t>& takes) const
    {
        int lowered = 0;
        for (const std::size_t take : takes) lowered = std::max(lowered, stems_[take].lowered_db);
        return lowered;
    }

    Expected<void> encode_stems()
    {
        for (std::size_t number = 0; number < stems_.size(); ++number) {
            const Packed& packed = stems_[number];
            std::string file = packed.stem.file;
            if (!packed.is_ready || packed.lowered_db > 0) {
                file = (work_.path() / (std::to_string(number) + ending_)).string();
                if (auto encoded = encode(packed.stem, decibels_to_linear(-packed.lowered_db), file); !encoded) return encoded;
            }
            request_.streams.push_back({file, packed.title});
        }
        return {};
    }

    Expected<void> pack_node(const preset::NodeModel& node)
    {
        if (node.type->name == "track") return pack_track(node);
        return node.type->name == "reverb" ? pack_impulse(node) : Expected<void>();
    }

    Expected<void> pack_track(const preset::NodeModel& node)
    {
        const std::vector<std::size_t>& takes = takes_.at(node.name);
        if (auto done = set(node, "file", quoted(itself)); !done) return done;
        if (!node.settings.given("takes")) {
            if (auto done = set(node, "stream", std::to_string(takes.front())); !done) return done;
        } else {
            for (std::size_t take = 0; take < takes.size(); ++take)
                if (auto done = set(node, "takes", std::to_string(takes[take]), take); !done) return done;
        }
        return raise(node, lowered_db(takes));
    }

    Expected<void> raise(const preset::NodeModel& node, int by_db)
    {
        const double gain_db = node.settings.number("gain");
        if (by_db == 0 || gain_db == gain_off) return {};
        const Parameter& row = *node.settings["gain"].parameter;
        if (gain_db + by_db > row.maximum)
            return tl::unexpected(Error{"track '" + node.name + "' is " + std::to_string(by_db) +
                                            " dB above full scale, which FLAC cannot hold, and its gain cannot make up for it "
                                            "(lower its gain, or pack with --codec opus)",
                                        preset_.path, node.mark});
        return text_->set(std::array{Step{"nodes"}, Step{node.name}, Step{"gain"}}, {&row, gain_db + by_db});
    }

    Expected<void> set(const preset::NodeModel& node, const char* key, std::string value, std::optional<std::size_t> item = std::nullopt)
    {
        std::vector<Step> steps{{"nodes"}, {node.name}, {key}};
        if (item) steps.push_back({.item = item});
        return text_->set(steps, {.text = std::move(value)});
    }

    Expected<void> pack_impulse(const preset::NodeModel& node)
    {
        const std::string& path = node.settings.text("impulse");
        const std::string& attachment = node.settings.text("attachment");
        auto content = attachment.empty() ? content_of(path) : attached_content(path, attachment);
        if (!content) return tl::unexpected(content.error());
        if (auto done = set(node, "impulse", quoted(itself)); !done) return done;
        return set(node, "attachment", quoted(attach(fs::path(attachment.empty() ? path : attachment).filename().string(), std::move(*content))));
    }

    static Expected<std::string> attached_content(const std::string& path, const std::string& attachment)
    {
        const auto facts = media::read_matroska(path);
        const media::Attachment* found = facts ? media::find_attachment(*facts, attachment) : nullptr;
        if (found == nullptr) return tl::unexpected(Error{"has no attachment '" + attachment + "'", path});
        return media::read_attachment(path, *found);
    }

    /// Under a name that it has alone, unless the very same is there already.
    std::string attach(const std::string& base, std::string content)
    {
        const fs::path path(base);
        for (int number = 1;; ++number) {
            const std::string name = number == 1 ? base : path.stem().string() + "-" + std::to_string(number) + path.extension().string();
            const auto known = std::ranges::find(request_.attachments, name, &media::MuxRequest::Attached::name);
            if (known == request_.attachments.end() && name != preset_name) request_.attachments.push_back({name, "application/octet-stream", content});
            else if (known == request_.attachments.end() || known->content != content) continue;
            return name;
        }
    }

    const preset::Preset& preset_;
    PackCodec codec_;
    std::string ending_;
    media::TemporaryFolder work_{"pack"};
    std::optional<preset::Rewriter> text_;
    media::MuxRequest request_;
    std::vector<Packed> stems_;                                       ///< in the order of the container's streams
    std::map<std::pair<std::string, int>, std::size_t> numbers_;      ///< of a file's stream
    std::map<std::string, std::vector<std::size_t>> takes_;           ///< of a track
};

}  // namespace

Expected<void> pack(const preset::Preset& preset, const std::string& output, PackCodec codec)
{
    return Packer(preset, output, codec).run();
}

std::optional<std::string> packed_preset(const std::string& file, const std::string& folder)
{
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) return std::nullopt;
    const auto facts = media::read_matroska(file);
    if (!facts) return std::nullopt;
    const auto attached = std::ranges::find(facts->attachments, preset_name, &media::Attachment::name);
    if (attached == facts->attachments.end()) return std::nullopt;
    auto text = media::read_attachment(file, *attached);
    if (!text) return std::nullopt;
    const std::string mark = quoted(itself);
    const std::string name = quoted(path_from(folder, file));
    for (auto at = text->find(mark); at != std::string::npos; at = text->find(mark, at + name.size())) text->replace(at, mark.size(), name);
    return *text;
}

}  // namespace stemwire::container
