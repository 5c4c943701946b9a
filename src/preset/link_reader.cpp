// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/link_reader.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

namespace stemwire::preset {

namespace {

constexpr std::string_view arrow = "->";
constexpr std::string_view blanks = " \t\n";

EndpointText read_endpoint(std::string_view text, Mark mark, bool plain)
{
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {"", "", mark};
    if (plain) mark.column += static_cast<int>(first);
    text = text.substr(first, text.find_last_not_of(blanks) - first + 1);
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return {std::string(text), "", mark};
    return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1)), mark};
}

/// The endpoints of `A -> B -> C`, each where it stands. What stands between quotation marks or on several lines is found at its beginning.
std::vector<EndpointText> read_chain(const YamlNode& item)
{
    std::vector<EndpointText> chain;
    const std::string_view text = item.scalar;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t end = std::min(text.find(arrow, from), text.size());
        const int columns = item.plain ? static_cast<int>(from) : 0;
        chain.push_back(read_endpoint(text.substr(from, end - from), {item.mark.line, item.mark.column + columns}, item.plain));
        from = end + arrow.size();
    }
    return chain;
}

/// What is wrong with the way in which a link is written; empty where nothing is.
std::string malformed(const std::string& text, const std::vector<EndpointText>& chain)
{
    if (chain.size() < 2 || std::ranges::any_of(chain, &std::string::empty, &EndpointText::name))
        return "'" + text + "' is no link (write 'A -> B', or 'A -> B -> C')";
    const std::size_t ports = chain.size() -
                              static_cast<std::size_t>(std::ranges::count_if(chain, &std::string::empty, &EndpointText::port));
    if (ports != static_cast<std::size_t>(std::ranges::count(text, ':'))) return "'" + text + "' is no link (an end is NODE, or NODE:PORT)";
    return {};
}

}  // namespace

std::vector<LinkText> read_links(const YamlNode& list, Report& report)
{
    std::vector<LinkText> links;
    if (list.what == YamlNode::What::null) return links;
    if (list.what != YamlNode::What::list) {
        report.error(list.mark, "links must be a list of links, such as [ drums -> mix:drums ], or { policy: enforce, list: [ … ] }, not " + describe(list));
        return links;
    }
    for (const YamlNode& item : list.items) {
        if (item.what != YamlNode::What::scalar) {
            report.error(item.mark,
                         "a link is written 'A -> B' or 'A:PORT -> B:PORT', without blanks around ':', not as " + describe(item));
            continue;
        }
        const auto chain = read_chain(item);
        if (std::string wrong = malformed(item.scalar, chain); !wrong.empty()) report.error(item.mark, std::move(wrong));
        else
            for (std::size_t i = 1; i < chain.size(); ++i) links.push_back({chain[i - 1], chain[i]});
    }
    return links;
}

void find_names(std::vector<LinkText>& links, const Preset& preset)
{
    using What = EndpointText::What;
    std::unordered_map<std::string_view, std::pair<What, std::uint32_t>> names;
    for (std::uint32_t index = 0; index < preset.nodes.size(); ++index) names.try_emplace(preset.nodes[index].name, What::node, index);
    for (std::uint32_t index = 0; index < preset.externals.size(); ++index)
        names.try_emplace(preset.externals[index].name, What::external, index);
    const auto find = [&](EndpointText& end) {
        if (const auto found = names.find(end.name); found != names.end()) std::tie(end.what, end.index) = found->second;
    };
    for (LinkText& link : links) {
        find(link.from);
        find(link.to);
    }
}

}  // namespace stemwire::preset
