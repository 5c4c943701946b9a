// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/loudness_cache.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <span>
#include <sstream>
#include <utility>
#include <vector>

#include "preset/patch.hpp"
#include "session/version.h"

namespace stemwire::session {

namespace {

namespace fs = std::filesystem;

/// What is kept, and how it is measured: another number makes what was kept before useless.
constexpr std::string_view head = "stemwire loudness 2 " STEMWIRE_VERSION "\n";
constexpr std::string_view key_follows = "key\n";
constexpr std::string_view prefix = "loudness-";

/// In hexadecimal, so that what is read is what was written, to the bit.
std::string number(double value)
{
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%a", value);
    return text.data();
}

/// With its length in front, so that no text can look like what stands behind it.
std::string text(const std::string& value)
{
    return std::to_string(value.size()) + ":" + value;
}

void write(const Settings& settings, std::string& key);

void write(const Value& value, std::string& key)
{
    key += std::string(value.parameter->name) + "=" + number(value.number) + " " + text(value.text) + " " + to_string(value.layout);
    for (const double each : value.numbers) key += " " + number(each);
    for (const auto& [name, layout] : value.layouts) key += " " + text(name) + to_string(layout);
    for (const auto& [name, gain_db] : value.gains) key += " " + text(name) + number(gain_db);
    key += "\n";
    for (const auto& [name, record] : value.records) {
        key += "{" + text(name) + "\n";
        write(record, key);
        key += "}\n";
    }
}

void write(const Settings& settings, std::string& key)
{
    key += std::string(settings.unit()) + "\n";
    for (const Value& value : settings.values()) write(value, key);
}

/// FNV-1a, 64 bits: a name for a file; the key itself stands in it.
std::uint64_t hash(const std::string& key)
{
    std::uint64_t value = 14695981039346656037ull;
    for (const char letter : key) value = (value ^ static_cast<unsigned char>(letter)) * 1099511628211ull;
    return value;
}

std::optional<fs::path> cache_folder()
{
    const char* cache = std::getenv("XDG_CACHE_HOME");
    if (cache != nullptr && *cache == '/') return fs::path(cache) / "stemwire";
    const char* home = std::getenv("HOME");
    if (home != nullptr && *home == '/') return fs::path(home) / ".cache" / "stemwire";
    return std::nullopt;
}

std::optional<fs::path> file_of(const std::string& key)
{
    const auto folder = cache_folder();
    if (!folder) return std::nullopt;
    std::array<char, 17> name{};
    std::snprintf(name.data(), name.size(), "%016llx", static_cast<unsigned long long>(hash(key)));
    return *folder / (std::string(prefix) + name.data());
}

/// Leaves the newest: each change of a song leaves a file that nobody reads again.
void prune(const fs::path& folder)
{
    constexpr std::size_t kept = 200;
    std::error_code error;
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
        if (entry.path().filename().string().starts_with(prefix)) files.emplace_back(entry.last_write_time(error), entry.path());
    if (files.size() <= kept) return;
    std::ranges::sort(files, std::greater());
    for (const auto& [time, path] : std::span(files).subspan(kept)) fs::remove(path, error);
}

std::string written(const SongLoudness& song)
{
    std::string lines = number(static_cast<double>(song.frames)) + " " + number(song.rate_hz) + " " + std::to_string(song.outputs.size()) + "\n";
    for (const OutputLoudness& output : song.outputs)
        lines += number(output.integrated_lufs) + " " + number(output.range_lu) + " " + number(output.max_momentary_lufs) + " " + number(output.max_short_term_lufs) + " " +
                 number(output.true_peak_dbtp) + " " + text(output.name) + "\n";
    return lines;
}

/// Streams do not read hexadecimal numbers, nor −∞.
bool read(std::istream& stream, double& value)
{
    std::string word;
    if (!(stream >> word)) return false;
    char* end = nullptr;
    value = std::strtod(word.c_str(), &end);
    return end != word.c_str() && *end == '\0';
}

bool read(std::istream& stream, std::string& value)
{
    constexpr std::size_t longest = 4096;
    std::size_t size = 0;
    if (!(stream >> size) || stream.get() != ':' || size > longest) return false;
    value.resize(size);
    return static_cast<bool>(stream.read(value.data(), static_cast<std::streamsize>(size)));
}

bool read(std::istream& stream, SongLoudness& song)
{
    constexpr double most_frames = 0x1p53;
    double frames = 0;
    std::size_t outputs = 0;
    if (!read(stream, frames) || !read(stream, song.rate_hz) || !(stream >> outputs) || outputs == 0) return false;
    if (!(frames >= 0 && frames <= most_frames)) return false;
    song.frames = static_cast<Frames>(frames);
    for (std::size_t i = 0; i < outputs; ++i) {
        OutputLoudness& output = song.outputs.emplace_back();
        for (double* value : {&output.integrated_lufs, &output.range_lu, &output.max_momentary_lufs, &output.max_short_term_lufs, &output.true_peak_dbtp})
            if (!read(stream, *value)) return false;
        if (!read(stream, output.name)) return false;
    }
    return true;
}

}  // namespace

std::string loudness_key(const preset::Preset& preset, std::optional<double> length_seconds)
{
    std::string key = "rate " + number(preset.rate_hz.value_or(0)) + " quantum " + std::to_string(preset.quantum.value_or(0)) + " length " + number(length_seconds.value_or(0)) + "\n";
    for (const preset::NodeModel& node : preset.nodes) {
        if (node.added) continue;
        key += std::string(node.type->name) + " ";
        for (const auto* groups : {&node.ports.inputs, &node.ports.outputs})
            for (const PortGroup& group : *groups) key += text(group.name) + to_string(group.layout) + " ";
        write(node.settings, key);
        for (const media::FileVersion& file : node.files)
            key += "file " + std::to_string(file.size) + " " + std::to_string(file.changed_s) + "." + std::to_string(file.changed_ns) + "\n";
    }
    for (const graph::Wire& wire : preset.graph.wires)
        key += std::to_string(wire.from.node) + ":" + std::to_string(wire.from.port) + " -> " + std::to_string(wire.to.node) + ":" + std::to_string(wire.to.port) + "\n";
    for (const graph::OuterLink& link : preset.graph.outer_links)
        key += std::to_string(link.node) + ":" + std::to_string(link.first_port) + (link.outward ? " -> " : " <- ") + std::to_string(link.external) + ":" + text(link.external_port) + " " +
               to_string(link.layout) + "\n";
    return key;
}

std::optional<SongLoudness> find_loudness(const std::string& key)
{
    const auto file = file_of(key);
    if (!file) return std::nullopt;
    std::ifstream stream(*file, std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(stream), {}};
    const auto at = all.find(key_follows);
    if (!stream || !all.starts_with(head) || at == std::string::npos || all.substr(at + key_follows.size()) != key) return std::nullopt;
    std::istringstream lines(all.substr(head.size(), at - head.size()));
    SongLoudness song;
    return read(lines, song) ? std::optional(std::move(song)) : std::nullopt;
}

bool keep_loudness(const std::string& key, const SongLoudness& song)
{
    const auto file = file_of(key);
    if (!file) return false;
    std::error_code error;
    fs::create_directories(file->parent_path(), error);
    if (!preset::replace_file(file->string(), std::string(head) + written(song) + std::string(key_follows) + key)) return false;
    prune(file->parent_path());
    return true;
}

}  // namespace stemwire::session
