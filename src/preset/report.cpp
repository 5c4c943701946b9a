// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/report.hpp"

#include <algorithm>

#include "preset/preset.hpp"

namespace stemwire::preset {

namespace {

constexpr std::size_t most_messages = 500;
constexpr std::size_t most_listed = 40;  ///< words of a list of what there is

}  // namespace

void Report::add(Error error)
{
    if (++error_count_ <= most_messages) errors_.push_back(std::move(error));
}

void Report::warning(const Mark& mark, std::string message)
{
    if (warnings_.size() < most_messages) warnings_.push_back({std::move(message), "", mark});
}

void Report::unknown(const Mark& mark, std::string_view what, std::string_view word, std::string_view place,
                     const std::vector<std::string_view>& known)
{
    if (error_count_ >= most_messages) return add({});
    std::string message = "unknown " + std::string(what) + " '" + std::string(word) + "'";
    if (!place.empty()) message += " in " + std::string(place);
    if (const auto near = nearest(word, known)) message += " (did you mean '" + std::string(*near) + "'?)";
    else if (!known.empty()) message += " (known: " + list_of(known) + ")";
    error(mark, std::move(message));
}

bool Report::is_map(const YamlNode& node, const std::string& place)
{
    if (node.what == YamlNode::What::map || node.what == YamlNode::What::null) return true;
    error(node.mark, place + " must be a map of keys and values, not " + describe(node));
    return false;
}

std::string list_of(const std::vector<std::string_view>& words)
{
    std::string text;
    for (std::size_t i = 0; i < std::min(words.size(), most_listed); ++i) text += (i == 0 ? "" : ", ") + std::string(words[i]);
    return words.size() > most_listed ? text + ", …" : text;
}

std::string wrong_name(std::string_view name)
{
    const auto allowed = [](char letter) {
        // Bytes of UTF-8 beyond ASCII are letters of somebody's language.
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') || letter == '_' ||
               letter == '-' || static_cast<unsigned char>(letter) >= 0x80;
    };
    if (!name.empty() && std::ranges::all_of(name, allowed) && name.front() != '-') return {};
    return "'" + std::string(name) + "' is no name (letters, digits, '_' and '-')";
}

}  // namespace stemwire::preset
