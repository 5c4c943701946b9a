// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>

namespace stemwire::bench {

/// A graph to measure: `tracks` stereo tracks into one mixer, or one track through a chain of `length` effects.
struct Shape {
    enum class Kind { star, chain };
    Kind kind = Kind::star;
    std::size_t tracks = 8;
    std::size_t length = 10;
    bool fuse = false;  ///< the chain's effects, or the star's tracks and mixer, in one node of the graph

    [[nodiscard]] std::size_t nodes() const { return kind == Kind::star ? tracks + 1 : length + 1; }
};

}  // namespace stemwire::bench
