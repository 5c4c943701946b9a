// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/progress.hpp"

#include <algorithm>
#include <cstdio>

#include "cli/terminal.hpp"

namespace stemwire::cli {

namespace {

constexpr auto redraw_period = std::chrono::milliseconds(100);
constexpr int text_columns = 40;  ///< what stands around the bar

}  // namespace

void ProgressBar::show(Frames done, Frames total)
{
    const auto now = Clock::now();
    if (!on_terminal() || now - drawn_ < redraw_period) return;
    drawn_ = now;
    visible_ = true;
    const double seconds = static_cast<double>(done) / rate_hz_;
    const double speed = seconds / std::max(1e-3, std::chrono::duration<double>(now - begun_).count());
    std::string bar;
    if (total > 0 && total != endless) {
        const int width = std::clamp(terminal_columns() - text_columns - static_cast<int>(label_.size()), 5, 60);
        const int full = static_cast<int>(static_cast<double>(width) * std::min(1.0, static_cast<double>(done) / static_cast<double>(total)));
        for (int i = 0; i < width; ++i) bar += i < full ? "█" : "░";
    }
    std::fprintf(stderr, "\r\x1b[K%s %s %.1f s  %.0f x realtime", label_.c_str(), bar.c_str(), seconds, speed);
    std::fflush(stderr);
}

void ProgressBar::clear()
{
    if (!visible_) return;
    std::fputs("\r\x1b[K", stderr);
    std::fflush(stderr);
    visible_ = false;
}

}  // namespace stemwire::cli
