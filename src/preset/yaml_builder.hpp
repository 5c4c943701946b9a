// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "preset/yaml_tree.hpp"

namespace stemwire::preset {

/// Values that a preset may have, aliases expanded. A thousand tracks on one mixer have some 20,000.
inline constexpr std::size_t most_values = 100'000;
inline constexpr std::string_view too_large = "the preset is too large or too deeply nested (do aliases multiply?)";

/// Thrown out of yaml-cpp's parser to stop it; caught by read_yaml.
struct YamlRefused {
    std::string message;
    Mark mark;
};

[[nodiscard]] Mark mark_of(const YAML::Mark& mark);

/// Makes the tree of one document from yaml-cpp's events, so that nothing is ever held but what was counted.
class YamlBuilder final : public YAML::EventHandler {
public:
    /// Both outlive it. `text` is what is parsed.
    YamlBuilder(std::string_view text, Errors& errors) : text_(text), errors_(errors) {}

    [[nodiscard]] YamlNode take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& mark) override;
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override;
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value style) override;
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value style) override;
    void OnMapEnd() override;

private:
    /// A list or map that has begun, or a single value.
    struct Open {
        YamlNode node;
        YAML::anchor_t anchor = 0;
        std::size_t weight = 1;   ///< values inside and itself; long texts count as several
        int depth = 1;            ///< levels inside, and its own
        std::optional<std::string> key{};  ///< of a map: read, its value not yet
        Mark key_mark{};
        std::unordered_map<std::string, int> lines{};  ///< of a map: each key and the line that it is in
        std::vector<YamlEntry> merged{};
    };
    /// What an alias stands for.
    struct Anchored {
        YamlNode node;
        std::size_t weight;
        int depth;
    };

    void open(YamlNode::What what, const YAML::Mark& mark, YAML::anchor_t anchor);
    void close();
    void add(Open value);
    void add_to_map(Open& map, Open value);
    void read_key(Open& map, const YamlNode& key);
    void merge(YamlNode& from, Open& into);
    void count(std::size_t weight, int depth, const Mark& mark);

    std::string_view text_;
    Errors& errors_;
    bool begun_ = false;
    std::size_t values_ = 0;
    std::vector<Open> open_;
    std::unordered_map<YAML::anchor_t, Anchored> anchors_;
    YamlNode root_;
};

}  // namespace stemwire::preset
