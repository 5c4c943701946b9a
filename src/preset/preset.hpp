// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/graph.hpp"
#include "media/file_version.hpp"
#include "stemwire/error.hpp"
#include "stemwire/node.hpp"
#include "stemwire/settings.hpp"

/// YAML to a checked model. `../docs` of the format: presets/README.md.
namespace stemwire::preset {

struct NodeModel {
    std::string name;
    const NodeType* type = nullptr;
    Settings settings;
    Ports ports;
    Mark mark{};
    bool isolate = false;  ///< in a process of its own
    bool added = false;    ///< stands in no file: the key `loudness` adds it
    std::vector<media::FileVersion> files{};  ///< of every path that the settings name, in their order, when the preset was read
};

/// Ports that are not ours, by name pattern.
struct ExternalModel {
    enum class What { default_sink, default_source, pattern };
    std::string name;
    What what = What::default_sink;
    std::string node_glob;  ///< on node.name; of a pattern only
    std::string port_glob = "*";
    Mark mark{};
};

/// Nodes that run inside one node of the graph.
struct FuseModel {
    std::string name;
    std::vector<std::uint32_t> nodes;
    Mark mark{};
};

/// What to do about links that others draw and cut: leave them so, or put the preset's back.
enum class LinkPolicy { keep, enforce };

/// Whose transport the session follows: its own, or the graph's, which all programs share.
enum class TransportFollow { own, graph };

struct TransportModel {
    std::optional<std::pair<double, double>> loop_seconds;
    bool autostart = true;
    TransportFollow follow = TransportFollow::own;
    friend bool operator==(const TransportModel&, const TransportModel&) = default;
};

/// How loud the song is to be, by one gain before all sinks.
struct LoudnessModel {
    double target_lufs = 0;
    double true_peak_db = -1;              ///< that the gain must not raise any sink over
    std::optional<double> length_seconds;  ///< how much of the timeline is measured; nothing: all of it
    Mark mark{};
};

/// A preset that checked: every name resolved, every value in range, every path absolute.
struct Preset {
    std::string path;     ///< as it was given
    std::shared_ptr<const std::string> text;  ///< what it was read from
    std::string folder;   ///< absolute: what its paths are relative to
    std::string name;
    std::optional<double> rate_hz;
    std::optional<std::uint32_t> quantum;
    std::vector<NodeModel> nodes;          ///< in the order of the file
    std::vector<ExternalModel> externals;
    graph::Graph graph;                    ///< same indices as nodes and externals; latencies still 0; feedback marked
    std::vector<Mark> wire_marks;          ///< [wire]: where the preset says it
    std::vector<Mark> outer_link_marks;
    std::vector<FuseModel> fused;
    TransportModel transport;
    std::optional<LoudnessModel> loudness;  ///< with nodes that are `added`, at 0 dB
    LinkPolicy link_policy = LinkPolicy::keep;
    std::optional<std::size_t> memory_bytes;  ///< what its nodes may take together, as its user says; nothing: in proportion to what it was made of
};

/// What to change before the preset is checked: `NODE.PARAM` and the value as YAML would have it.
struct Override {
    std::string address;
    std::string value;
};

struct Loaded {
    std::optional<Preset> preset;  ///< only where there is no error
    Errors errors;                 ///< all of them, in the order of the file; of more than 500, the first that were found
    Errors warnings;
};

/// Reads and checks a preset file of at most 1 MiB and 100,000 values. Errors of overrides have no file: `--set drums.gian=3: there is no 'drums.gian' …`.
/// Guarantee: blocking. Never throws.
[[nodiscard]] Loaded load(const std::string& path, const std::vector<Override>& overrides = {});
/// The same from text; `path` names it in messages, and its folder is where its files are.
[[nodiscard]] Loaded load_text(std::string_view yaml, const std::string& path, const std::vector<Override>& overrides = {});

/// One value as a person writes it (`-3 dB`, `L20`, `2.5 s`), checked against its row. Used for --set and remote control.
[[nodiscard]] Expected<double> parse_number(const Parameter& parameter, std::string_view text, double rate_hz = 48000);
/// A number with its unit, as it would be written in a preset: `-3 dB`, `off`, `20 ms`, `3.2 kHz`, `L20`.
[[nodiscard]] std::string format_number(const Parameter& parameter, double value);
/// The same in the style of `like`: its unit, the blank before it, `L20` or a bare number; as format_number where that would not read back as `value`.
[[nodiscard]] std::string format_number_like(const Parameter& parameter, double value, std::string_view like, double rate_hz = 48000);
/// The word of `known` that is nearest to `word`, if one is near enough to be meant (Damerau–Levenshtein distance).
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace stemwire::preset
