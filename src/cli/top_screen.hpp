// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

#include "control/top/canvas.hpp"
#include "control/top/view.hpp"

namespace stemwire::cli {

/// The terminal as a screen of cells and a row of keys; as it was before when this goes. One at a time.
class TopScreen {
public:
    TopScreen();
    ~TopScreen();
    TopScreen(const TopScreen&) = delete;
    TopScreen& operator=(const TopScreen&) = delete;

    [[nodiscard]] int rows() const;
    [[nodiscard]] int columns() const;
    /// True where the terminal shows UTF-8.
    [[nodiscard]] bool is_fancy() const noexcept { return fancy_; }
    void show(const control::top::Canvas& canvas);
    /// The next key, or Key::none when this time has passed.
    [[nodiscard]] control::top::Key key(std::chrono::milliseconds patience);

private:
    bool fancy_ = false;
};

}  // namespace stemwire::cli
