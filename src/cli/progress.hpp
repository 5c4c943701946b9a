// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>

#include "stemwire/units.hpp"

namespace stemwire::cli {

/// A bar on the last line of a terminal; nothing elsewhere. One thread at a time.
class ProgressBar {
public:
    ProgressBar(std::string label, double rate_hz) : label_(std::move(label)), rate_hz_(rate_hz) {}
    /// `total` 0: not known yet. Draws ten times a second at most.
    void show(Frames done, Frames total);
    void clear();

private:
    using Clock = std::chrono::steady_clock;
    std::string label_;
    double rate_hz_;
    Clock::time_point begun_ = Clock::now();
    Clock::time_point drawn_{};
    bool visible_ = false;
};

}  // namespace stemwire::cli
