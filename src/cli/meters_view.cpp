// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/meters_view.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "cli/terminal.hpp"

namespace stemwire::cli {

namespace {

constexpr double floor_db = -60.0;    ///< left end of a bar
constexpr double hot_db = -6.0;       ///< from here on a bar is yellow
constexpr int name_columns = 20;
constexpr int number_columns = 12;
constexpr int widest_bar = 60;

std::string time_text(double seconds)
{
    std::array<char, 32> text{};
    const int minutes = static_cast<int>(seconds / 60.0);
    std::snprintf(text.data(), text.size(), "%d:%04.1f", minutes, seconds - minutes * 60.0);
    return text.data();
}

std::string_view colour_of(double peak_db)
{
    if (!in_colour()) return "";
    return peak_db >= 0.0 ? "\x1b[31m" : peak_db >= hot_db ? "\x1b[33m" : "\x1b[32m";
}

std::string bar(double rms_db, double peak_db, int width)
{
    const auto column = [width](double db) { return static_cast<int>(std::clamp((db - floor_db) / -floor_db, 0.0, 1.0) * width); };
    const int rms = column(rms_db);
    const int peak = std::max(column(peak_db), rms);
    std::string text;
    for (int i = 0; i < width; ++i) text += i < rms ? "█" : i < peak ? "▒" : "·";
    return text;
}

std::string meter_line(const std::string& name, double peak_db, double rms_db)
{
    const int width = std::clamp(terminal_columns() - name_columns - number_columns, 5, widest_bar);
    std::array<char, 16> number{};
    if (peak_db > -100.0) std::snprintf(number.data(), number.size(), "%6.1f dB", peak_db);
    std::string label = name.substr(0, name_columns - 1);
    label.resize(name_columns, ' ');
    return label + std::string(colour_of(peak_db)) + bar(rms_db, peak_db, width) + (in_colour() ? "\x1b[0m" : "") + " " + number.data();
}

std::string status_line(const session::SessionStatus& status)
{
    std::string line = std::string(to_string(status.state)) + "  " + time_text(status.seconds);
    if (status.end_seconds) line += " / " + time_text(*status.end_seconds);
    return line + "   xruns " + std::to_string(status.xruns) + "   missing frames " + std::to_string(status.missing_frames) + "   Ctrl-C ends";
}

}  // namespace

void MetersView::show(const session::SessionControl& session)
{
    clear();
    std::string text;
    for (const session::MeterValue& meter : session.meters()) {
        text += meter_line(meter.name == "output" || meter.name.empty() ? meter.node : meter.node + " " + meter.name, meter.peak_db, meter.rms_db) + "\n";
        ++lines_;
    }
    text += status_line(session.status()) + "\n";
    ++lines_;
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
}

void MetersView::clear()
{
    if (lines_ == 0) return;
    std::fprintf(stderr, "\x1b[%dA\r\x1b[J", lines_);
    std::fflush(stderr);
    lines_ = 0;
}

}  // namespace stemwire::cli
