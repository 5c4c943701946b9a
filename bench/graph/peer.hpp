// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "bench/graph/shape.hpp"

namespace stemwire::bench {

/// Puts a graph of this shape up at PIPEWIRE_REMOTE, of plain pw_filter nodes that write zeros and nothing else, says `ready`, and keeps it
/// until SIGINT. Then it prints how many cycles there were since the last SIGUSR1, and their mean and longest time in microseconds. Throws
/// std::runtime_error where it cannot be put up.
int run_peer(const Shape& shape);

}  // namespace stemwire::bench
