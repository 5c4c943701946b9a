// SPDX-License-Identifier: GPL-3.0-or-later
#include "container/pack.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include <yaml-cpp/yaml.h>

#include "container/yaml_text.hpp"
#include "media/encoder.hpp"
#include "media/frame_source.hpp"
#include "media/matroska.hpp"
#include "media/mux.hpp"
#include "media/probe.hpp"
#include "nodes/track/parameters.hpp"

namespace stemwire::container {

namespace {

namespace fs = std::filesystem;

constexpr const char* preset_name = "preset.yaml";
constexpr const char* itself = "{container}";  // stands in the packed preset for the file's own name, which may change
constexpr std::uint32_t piece_frames = 8192;

/// A folder that goes with the packing.
class WorkFolder {
public:
    WorkFolder()
    {
        path_ = (fs::temp_directory_path() / "stemwire-pack-XXXXXX").string();
        if (mkdtemp(path_.data()) == nullptr) path_.clear();
    }
    ~WorkFolder()
    {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

Expected<void> encode(const std::string& file, const media::StreamInfo& stream, const std::string& output)
{
    const auto source = media::open_source(file);
    if (!source) return tl::unexpected(source.error());
    const auto reader = (*source)->open_stream(static_cast<std::size_t>(stream.index), {});
    if (!reader) return tl::unexpected(reader.error());
    const auto encoder = media::make_encoder({.file = output, .rate_hz = static_cast<double>((*reader)->rate_hz()), .layout = stream.layout});
    if (!encoder) return tl::unexpected(Error{encoder.error().message, file});
    std::vector<std::vector<float>> planes((*reader)->channels(), std::vector<float>(piece_frames));
    std::vector<float*> at;
    for (auto& plane : planes) at.push_back(plane.data());
    for (std::uint32_t got = piece_frames; got == piece_frames;) {
        got = (*reader)->read(at, piece_frames);
        const std::vector<const float*> in(at.begin(), at.end());
        if (auto written = got > 0 ? (*encoder)->write(in, got) : Expected<void>(); !written) return written;
    }
    if (const auto damage = (*reader)->take_message()) return failure(*damage);
    return (*encoder)->finish();
}

class Packer {
public:
    Packer(const preset::Preset& preset, const std::string& output, PackCodec codec)
        : preset_(preset), ending_(codec == PackCodec::flac ? ".flac" : ".opus")
    {
        request_.output = output;
    }

    Expected<void> run()
    {
        if (work_.path().empty()) return failure("no temporary folder can be made");
        try {
            root_ = YAML::LoadFile(preset_.path);
            for (const preset::NodeModel& node : preset_.nodes)
                if (auto packed = pack_node(node); !packed) return packed;
            YAML::Emitter text;
            text << root_;
            request_.attachments.insert(request_.attachments.begin(), {preset_name, "application/yaml", std::string(text.c_str()) + "\n"});
        } catch (const YAML::Exception& error) {
            return tl::unexpected(Error{error.what(), preset_.path});
        }
        if (request_.streams.empty()) return tl::unexpected(Error{"has no track, so there is nothing to pack", preset_.path});
        return media::mux(request_);
    }

private:
    Expected<void> pack_node(const preset::NodeModel& node)
    {
        YAML::Node yaml = root_["nodes"][node.name];
        if (node.type->name == "track") return pack_track(node.settings, yaml);
        return node.type->name == "reverb" ? pack_impulse(node.settings, yaml) : Expected<void>();
    }

    Expected<void> pack_track(const Settings& settings, YAML::Node yaml)
    {
        YAML::Node takes;
        for (const media::TakeRequest& take : nodes::takes_of(settings)) {
            const auto stream = stream_of(take);
            if (!stream) return tl::unexpected(stream.error());
            takes.push_back(*stream);
        }
        yaml["file"] = itself;
        if (settings.given("takes")) yaml["takes"] = takes;
        else yaml["stream"] = takes[0];
        return {};
    }

    /// The number that a stem has in the container; it is there once, however many tracks play it.
    Expected<std::size_t> stream_of(const media::TakeRequest& take)
    {
        const auto info = media::probe(take.file);
        if (!info) return tl::unexpected(info.error());
        const auto stream = media::select_stream(*info, take.stream);
        if (!stream) return tl::unexpected(stream.error());
        const auto [known, is_new] = streams_.try_emplace({take.file, stream->index}, request_.streams.size());
        if (!is_new) return known->second;
        std::string file = take.file;
        if (fs::path(file).extension() != ending_ || "." + info->format != ending_) {
            file = work_.path() + "/" + std::to_string(known->second) + ending_;
            if (auto encoded = encode(take.file, *stream, file); !encoded) return tl::unexpected(encoded.error());
        }
        const bool alone = info->streams.size() == 1 || stream->title.empty();
        request_.streams.push_back({file, fs::path(alone ? take.file : stream->title).stem().string()});
        return known->second;
    }

    Expected<void> pack_impulse(const Settings& settings, YAML::Node yaml)
    {
        const std::string& path = settings.text("impulse");
        const std::string& attachment = settings.text("attachment");
        std::string content;
        if (attachment.empty()) {
            std::ifstream file(path, std::ios::binary);
            content.assign(std::istreambuf_iterator<char>(file), {});
            if (!file) return tl::unexpected(Error{"cannot be read", path});
        } else {
            const auto facts = media::read_matroska(path);
            const media::Attachment* found = facts ? media::find_attachment(*facts, attachment) : nullptr;
            if (found == nullptr) return tl::unexpected(Error{"has no attachment '" + attachment + "'", path});
            auto bytes = media::read_attachment(path, *found);
            if (!bytes) return tl::unexpected(bytes.error());
            content = std::move(*bytes);
        }
        yaml["impulse"] = itself;
        yaml["attachment"] = attach(fs::path(attachment.empty() ? path : attachment).filename().string(), std::move(content));
        return {};
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
    std::string ending_;
    WorkFolder work_;
    YAML::Node root_;
    media::MuxRequest request_;
    std::map<std::pair<std::string, int>, std::size_t> streams_;
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
