// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

namespace stemwire::session {

/// A timer whose period can be changed: quick while something is on its way, slow while nothing is.
class Pace {
public:
    Pace();
    ~Pace();
    Pace(const Pace&) = delete;
    Pace& operator=(const Pace&) = delete;

    /// Readable once each period; −1 where the system has no more descriptors.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    void set(std::chrono::milliseconds period) noexcept;
    /// Empties the descriptor.
    void drain() noexcept;

private:
    int descriptor_;
    std::chrono::milliseconds period_{0};
};

}  // namespace stemwire::session
