// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "input.hpp"
#include "preset/difference.hpp"

using namespace stemwire;

namespace {

std::vector<preset::PortLink> sorted(std::vector<preset::PortLink> links)
{
    std::ranges::sort(links);
    return links;
}

/// Following the difference leads from one preset's links to the other's.
void expect_links(const preset::Preset& from, const preset::Preset& to, const preset::Difference& difference)
{
    auto links = sorted(port_links(from));
    for (const preset::PortLink& link : sorted(difference.links_removed)) {
        const auto found = std::ranges::find(links, link);
        fuzz::require(found != links.end(), "a link that is removed was there");
        links.erase(found);
    }
    links.insert(links.end(), difference.links_added.begin(), difference.links_added.end());
    fuzz::require(sorted(std::move(links)) == sorted(port_links(to)), "the links are those of the new preset");
}

void expect_nodes(const preset::Preset& from, const preset::Preset& to, const preset::Difference& difference)
{
    fuzz::require(difference.nodes.size() == to.nodes.size(), "every node of the new preset is told of");
    std::size_t kept = 0;
    for (std::size_t index = 0; index < to.nodes.size(); ++index) {
        const preset::NodeChange& change = difference.nodes[index];
        fuzz::require(change.name == to.nodes[index].name, "the nodes are in order");
        if (!change.old) continue;
        fuzz::require(from.nodes.at(*change.old).name == change.name, "it had this name before");
        ++kept;
    }
    fuzz::require(difference.removed.size() + kept == from.nodes.size(), "every node of the old preset is kept or removed");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto [first, second] = fuzz::halves(fuzz::text_of({data, size}), "%%");
    const auto from = preset::load_text(first, "/nowhere/fuzz.yaml").preset;
    const auto to = preset::load_text(second, "/nowhere/fuzz.yaml").preset;
    if (!from || !to) return 0;
    fuzz::require(preset::difference(*from, *from).empty(), "a preset does not differ from itself");
    for (const auto& [left, right] : {std::pair(&*from, &*to), std::pair(&*to, &*from)}) {
        const preset::Difference difference = preset::difference(*left, *right);
        expect_links(*left, *right, difference);
        expect_nodes(*left, *right, difference);
    }
    return 0;
}
