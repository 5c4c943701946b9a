// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <string>

namespace stemwire {

/// A level that `process()` publishes and anyone reads without a lock, as linear factors of full scale.
/// `peak` falls by 20 dB a second after a peak; `mean_square` is averaged over 300 ms (VU ballistics, IEC 60268-17).
struct Meter {
    std::string name;   ///< the channel's or bus's name; set before processing starts
    bool is_output = false;
    std::atomic<float> peak{0.0f};
    std::atomic<float> mean_square{0.0f};
};

}  // namespace stemwire
