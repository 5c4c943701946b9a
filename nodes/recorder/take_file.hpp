// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ctime>
#include <string>

#include "stemwire/error.hpp"

namespace stemwire::nodes {

/// Where takes are written. In the file's name, `%n` is the node's name, `%t` the take's number (001, 002 …), `%%` a `%`, and the letters of
/// strftime that can stand in a name are the time at which the take begins: `%Y%m%d-%H%M%S`. Folders are as they are written.
struct TakePattern {
    std::string path;
    std::string node;
};

/// What is wrong with a pattern, or with the folder: it must be there and writable. Guarantee: blocking.
[[nodiscard]] Expected<void> check_pattern(const std::string& path);

/// The take's name. Where the pattern has no `%t`, the second and every further one get `-2`, `-3` … before the ending.
[[nodiscard]] std::string take_name(const TakePattern& pattern, unsigned take, const std::tm& time);

/// Creates the file of the first take whose name is free, empty, and returns its path: nobody else gets the same. Guarantee: blocking.
[[nodiscard]] Expected<std::string> claim_take(const TakePattern& pattern);

}  // namespace stemwire::nodes
