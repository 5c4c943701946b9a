// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/yaml_tree.hpp"

#include <algorithm>
#include <sstream>

#include "preset/yaml_builder.hpp"

namespace stemwire::preset {

namespace {

template <class Entries>
auto find_in(Entries& entries, std::string_view key) -> decltype(entries.data())
{
    const auto found = std::ranges::find(entries, key, &YamlEntry::key);
    return found == entries.end() ? nullptr : &*found;
}

constexpr std::size_t longest_shown = 60;  ///< bytes of a scalar that a message repeats

std::string shown(const std::string& text)
{
    if (text.size() <= longest_shown) return text;
    std::size_t end = longest_shown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) --end;  // not inside a character of UTF-8
    return text.substr(0, end) + "…";
}

/// What is wrong with the text before anyone parses it; empty where nothing is.
std::string unfit(std::string_view text)
{
    if (text.size() > largest_preset) return "the preset is larger than " + std::to_string(largest_preset >> 20) + " MiB";
    if (text.find('\0') != std::string_view::npos) return "this is no text";
    // yaml-cpp keeps every token of a flow list until it knows that the list is no key: the count bounds its memory.
    const auto is_flow = [](char letter) { return std::string_view("[]{},").find(letter) != std::string_view::npos; };
    return static_cast<std::size_t>(std::ranges::count_if(text, is_flow)) > most_values ? std::string(too_large) : std::string();
}

}  // namespace

const YamlEntry* YamlNode::find(std::string_view key) const noexcept
{
    return find_in(entries, key);
}

YamlEntry* YamlNode::find(std::string_view key) noexcept
{
    return find_in(entries, key);
}

YamlNode read_yaml(std::string_view text, Errors& errors)
{
    if (std::string wrong = unfit(text); !wrong.empty()) {
        errors.push_back({std::move(wrong), "", {1, 1}});
        return {};
    }
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        YamlBuilder builder(text, errors);
        while (parser.HandleNextDocument(builder)) {}
        return builder.take();
    } catch (const YAML::Exception& error) {
        errors.push_back({"YAML: " + error.msg, "", mark_of(error.mark)});
    } catch (const YamlRefused& refused) {
        errors.push_back({refused.message, "", refused.mark});
    }
    return {};
}

std::string describe(const YamlNode& node)
{
    switch (node.what) {
    case YamlNode::What::null: return "nothing";
    case YamlNode::What::scalar: return "'" + shown(node.scalar) + "'";
    case YamlNode::What::list: return node.items.empty() ? "an empty list" : "a list";
    case YamlNode::What::map: return "a map";
    }
    return "";
}

}  // namespace stemwire::preset
