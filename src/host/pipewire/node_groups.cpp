// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/node_groups.hpp"

#include <algorithm>
#include <utility>

namespace stemwire::host {

namespace {

/// Its commit 1be2c0cc3.
constexpr std::array first_that_goes_through{1, 6, 7};
constexpr std::size_t nodes_together = 8;

bool is_plain(char letter)
{
    return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') || letter == '.' || letter == '-';
}

}  // namespace

NodeGroups::NodeGroups(std::string name, const std::array<int, 3>& server) : name_(std::move(name)), small_(server >= first_that_goes_through)
{
    std::ranges::replace_if(name_, [](char letter) { return !is_plain(letter); }, '_');
}

std::string NodeGroups::group(std::size_t number) const
{
    return number == 0 ? name_ : name_ + "." + std::to_string(number);
}

std::string NodeGroups::of(std::size_t place, std::size_t nodes) const
{
    if (!small_ || nodes <= nodes_together) return name_;
    if (place > 0) return group(place / nodes_together);
    std::string all = "[";
    for (std::size_t number = 0; number * nodes_together < nodes; ++number) all += " " + group(number);
    return all + " ]";
}

}  // namespace stemwire::host
