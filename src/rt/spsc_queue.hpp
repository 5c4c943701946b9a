// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <boost/lockfree/spsc_queue.hpp>

namespace stemwire::rt {

/// Queue between exactly one producer thread and one consumer thread; its capacity is given to the constructor.
/// Say at the declaration who they are. Guarantee of push, pop, front and the read_/write_available queries: wait-free.
template <class T>
using SpscQueue = boost::lockfree::spsc_queue<T>;

}  // namespace stemwire::rt
