// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/top/layout.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdarg>
#include <cstdio>

#include "control/position.hpp"

namespace stemwire::control::top {

namespace {

constexpr double floor_db = -60.0;    ///< left end of a meter
constexpr double warm_db = -6.0;      ///< from here on a meter is yellow
constexpr int name_columns = 18;
constexpr int level_columns = 9;      ///< ` -12.3 dB`
constexpr int gain_columns = 13;      ///< ` M S -12.5 dB`
constexpr int head_rows = 2;
constexpr int fewest_node_rows = 4;

/// Rows `first` … `first + count` of a list, shown from screen row `row` on.
struct Window {
    int row = 0;
    int first = 0;
    int count = 0;
};

struct Glyphs {
    char32_t full, part, empty, hold;
};
constexpr Glyphs blocks{U'█', U'▒', U'·', U'┃'};
constexpr Glyphs letters{U'#', U'=', U'.', U'|'};

[[gnu::format(printf, 1, 2)]] std::string formatted(const char* format, ...)
{
    std::array<char, 160> text{};
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text.data(), text.size(), format, arguments);
    va_end(arguments);
    return text.data();
}

std::string shortened(const std::string& name, std::size_t columns, bool fancy)
{
    const std::size_t length = characters(name).size();
    if (length <= columns) return name;
    Canvas line(1, static_cast<int>(columns));
    line.write(0, 0, name);
    line.put(0, static_cast<int>(columns) - 1, fancy ? U'…' : U'~');
    return line.text(0);
}

/// Where a list of `total` shows `count` lines so that the chosen one is among them.
int first_line(int total, int count, int chosen)
{
    return std::clamp(chosen - count / 2, 0, std::max(0, total - count));
}

class Layout {
public:
    Layout(const View& view, int rows, int columns, bool fancy) : view_(view), fancy_(fancy), glyphs_(fancy ? blocks : letters), canvas_(rows, columns) {}

    Canvas draw()
    {
        draw_head();
        if (view_.shows_help()) draw_help();
        else draw_lists();
        draw_foot();
        return std::move(canvas_);
    }

private:
    void draw_head();
    void draw_xruns(int row);
    void draw_lists();
    void draw_meter(int row, const View::Meter& meter);
    void draw_loudness(int row, int rows);
    void draw_bar(int row, int column, int width, const View::Meter& meter);
    void draw_switches(int row, int column, const Item& item);
    void draw_node_heading(int row);
    void draw_node(int row, const session::NodeStatus& node);
    void draw_fill(int row, int column, int width, double share, Ink ink);
    void draw_help();
    void draw_foot();

    [[nodiscard]] double budget_us() const { return view_.status().rate_hz > 0.0 ? 1e6 * view_.status().quantum / view_.status().rate_hz : 0.0; }

    const View& view_;
    bool fancy_;
    Glyphs glyphs_;
    Canvas canvas_;
};

void Layout::draw_head()
{
    const session::SessionStatus& status = view_.status();
    int column = canvas_.write(0, 0, status.session + "  ", Ink::title);
    const bool stopped = status.state == session::TransportState::stopped;
    column = canvas_.write(0, column, std::string(to_string(status.state)) + "  ", stopped ? Ink::quiet : Ink::good);
    column = canvas_.write(0, column, format_position(status.seconds), Ink::title);
    if (status.end_seconds) column = canvas_.write(0, column, " / " + format_position(*status.end_seconds));
    if (status.loop_seconds)
        column = canvas_.write(0, column, "  loop " + format_position(status.loop_seconds->first) + " - " + format_position(status.loop_seconds->second), Ink::warm);
    const std::string clock = formatted(" %.0f Hz, quantum %u", status.rate_hz, status.quantum);
    if (column + static_cast<int>(clock.size()) <= canvas_.columns()) canvas_.write_right(0, canvas_.columns() - 1, clock, Ink::quiet);
    draw_xruns(1);
}

void Layout::draw_xruns(int row)
{
    const session::SessionStatus& status = view_.status();
    int column = canvas_.write(row, 0, (status.server.empty() ? "server away" : status.server) + " (" + status.backend + ")", status.server.empty() ? Ink::hot : Ink::quiet);
    column = canvas_.write(row, column, formatted("  xruns %llu", static_cast<unsigned long long>(status.xruns)), status.xruns > 0 ? Ink::hot : Ink::plain);
    column = canvas_.write(row, column, formatted("  missing frames %llu", static_cast<unsigned long long>(status.missing_frames)), status.missing_frames > 0 ? Ink::hot : Ink::plain);
    if (status.latest_xruns.empty()) return;
    const session::XrunRecord& last = status.latest_xruns.back();
    canvas_.write(row, column, formatted("  last: %s %.0f us", last.node.c_str(), last.node_us), Ink::hot);
}

void Layout::draw_lists()
{
    const int meters = static_cast<int>(view_.meters().size());
    const int nodes = static_cast<int>(view_.status().nodes.size());
    const int chosen = static_cast<int>(view_.chosen());
    const int all = std::max(0, canvas_.rows() - head_rows - 3);  // two headings and the foot
    const int measured = static_cast<int>(std::ranges::count_if(view_.meters(), [](const View::Meter& meter) { return meter.loudness.has_value(); }));
    const int loudness_rows = measured > 0 && all >= measured + 1 + 2 * fewest_node_rows ? measured + 1 : 0;
    const int room = all - loudness_rows;
    const int node_rows = std::min(nodes, std::max({fewest_node_rows, room / 2, room - meters}));
    const Window upper{head_rows + 1, first_line(meters, std::min(meters, room - node_rows), std::min(chosen, meters)), std::max(0, std::min(meters, room - node_rows))};
    const Window lower{upper.row + upper.count + loudness_rows + 1, first_line(nodes, std::min(nodes, node_rows), std::max(0, chosen - meters)), std::min(room, node_rows)};

    canvas_.write(head_rows, 0, "channel, bus", Ink::quiet);
    for (int line = 0; line < upper.count; ++line) {
        draw_meter(upper.row + line, view_.meters()[static_cast<std::size_t>(upper.first + line)]);
        if (upper.first + line == chosen) canvas_.choose(upper.row + line);
    }
    draw_loudness(upper.row + upper.count, loudness_rows);
    draw_node_heading(lower.row - 1);
    for (int line = 0; line < lower.count; ++line) {
        draw_node(lower.row + line, view_.status().nodes[static_cast<std::size_t>(lower.first + line)]);
        if (meters + lower.first + line == chosen) canvas_.choose(lower.row + line);
    }
}

void Layout::draw_meter(int row, const View::Meter& meter)
{
    const std::string name = meter.item.node + (meter.item.channel.empty() ? "" : " " + meter.item.channel);
    canvas_.write(row, 0, shortened(name, name_columns - 1, fancy_), meter.is_output ? Ink::title : Ink::plain);
    const int width = std::max(0, canvas_.columns() - name_columns - level_columns - gain_columns);
    draw_bar(row, name_columns, width, meter);
    const int after = name_columns + width;
    const Ink ink = meter.held_db >= 0.0 ? Ink::hot : Ink::plain;
    canvas_.write_right(row, after + level_columns - 1, std::isfinite(meter.held_db) ? formatted("%.1f dB", meter.held_db) : std::string("silent"), ink);
    draw_switches(row, after + level_columns, meter.item);
}

/// A heading, and a line for each bus that measures it; nothing where there are no `rows`.
void Layout::draw_loudness(int row, int rows)
{
    if (rows == 0) return;
    constexpr std::array headings{"momentary", "short-term", "integrated", "true peak"};
    const auto end_of = [](std::size_t place) { return name_columns + 14 * static_cast<int>(place + 1); };
    canvas_.write(row, 0, "loudness", Ink::quiet);
    for (std::size_t place = 0; place < headings.size(); ++place) canvas_.write_right(row, end_of(place), headings[place], Ink::quiet);
    for (const View::Meter& meter : view_.meters()) {
        if (!meter.loudness) continue;
        ++row;
        canvas_.write(row, 0, shortened(meter.item.node + " " + meter.item.channel, name_columns - 1, fancy_), Ink::title);
        const std::array levels{meter.loudness->momentary_lufs, meter.loudness->short_term_lufs, meter.loudness->integrated_lufs, meter.loudness->true_peak_dbtp};
        for (std::size_t place = 0; place < levels.size(); ++place) {
            const char* unit = place == levels.size() - 1 ? "dBTP" : "LUFS";
            canvas_.write_right(row, end_of(place), std::isfinite(levels[place]) ? formatted("%.1f %s", levels[place], unit) : std::string("silent"));
        }
    }
}

void Layout::draw_bar(int row, int column, int width, const View::Meter& meter)
{
    const int rms = meter_columns(meter.rms_db, width);
    const int peak = std::max(rms, meter_columns(meter.peak_db, width));
    const int hold = meter_columns(meter.held_db, width);
    for (int at = 0; at < width; ++at) {
        const double at_db = floor_db - floor_db * at / width;
        const Ink ink = at_db >= warm_db ? Ink::warm : Ink::good;
        if (at == hold - 1 && hold > peak) canvas_.put(row, column + at, glyphs_.hold, meter.held_db >= 0.0 ? Ink::hot : ink);
        else if (at < rms) canvas_.put(row, column + at, glyphs_.full, ink);
        else if (at < peak) canvas_.put(row, column + at, glyphs_.part, ink);
        else canvas_.put(row, column + at, glyphs_.empty, Ink::quiet);
    }
}

void Layout::draw_switches(int row, int column, const Item& item)
{
    if (view_.is_on(view_.address(item, "mute"))) canvas_.put(row, column + 1, U'M', Ink::hot);
    if (view_.is_on(view_.address(item, "solo"))) canvas_.put(row, column + 3, U'S', Ink::warm);
    if (const auto gain = view_.text_of(view_.address(item, "gain"))) canvas_.write_right(row, column + gain_columns - 1, *gain);
}

void Layout::draw_node_heading(int row)
{
    canvas_.write(row, 0, "node", Ink::quiet);
    canvas_.write(row, 18, "type", Ink::quiet);
    canvas_.write(row, 29, formatted("load of %.0f us", budget_us()), Ink::quiet);
    canvas_.write(row, 48, "mean", Ink::quiet);
    canvas_.write(row, 57, "worst", Ink::quiet);
    canvas_.write(row, 66, "buffer", Ink::quiet);
}

void Layout::draw_node(int row, const session::NodeStatus& node)
{
    const bool running = node.state == "running";
    canvas_.write(row, 0, shortened(node.name, name_columns - 1, fancy_), running ? Ink::plain : Ink::quiet);
    canvas_.write(row, 18, running ? node.type : node.state, running ? Ink::quiet : Ink::warm);
    const double budget = budget_us();
    const double worst = budget > 0.0 ? node.load_worst_us / budget : 0.0;
    draw_fill(row, 29, 14, budget > 0.0 ? node.load_mean_us / budget : 0.0, worst > 1.0 ? Ink::hot : worst > 0.5 ? Ink::warm : Ink::good);
    canvas_.write_right(row, 51, formatted("%.1f us", node.load_mean_us));
    canvas_.write_right(row, 61, formatted("%.1f us", node.load_worst_us), worst > 1.0 ? Ink::hot : Ink::plain);
    if (!node.buffer_seconds) return;
    // A track decodes a second ahead unless its preset says otherwise: half of that is enough, a tenth is not.
    draw_fill(row, 66, 6, *node.buffer_seconds, *node.buffer_seconds < 0.1 ? Ink::hot : *node.buffer_seconds < 0.5 ? Ink::warm : Ink::good);
    if (const auto missing = node.missing_frames.value_or(0); missing > 0)
        canvas_.write_right(row, 79, formatted(" %llu miss", static_cast<unsigned long long>(missing)), Ink::hot);
    else canvas_.write_right(row, 78, formatted("%.1f s", *node.buffer_seconds));
}

void Layout::draw_fill(int row, int column, int width, double share, Ink ink)
{
    const int full = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * width));
    for (int at = 0; at < width; ++at) canvas_.put(row, column + at, at < full ? glyphs_.full : glyphs_.empty, at < full ? ink : Ink::quiet);
}

void Layout::draw_help()
{
    constexpr std::array lines{"up, down      choose a channel, a bus or a node", "m, s          mute, solo", "+, -          1 dB louder, softer", "left, right   5 s back, on",
                               "space         start, pause", "[, ]          mark where the loop begins, ends", "l             loop on, off", "?             this help",
                               "q             leave; the session plays on"};
    int row = head_rows + 1;
    for (const char* line : lines) canvas_.write(row++, 2, line);
}

void Layout::draw_foot()
{
    const int row = canvas_.rows() - 1;
    if (!view_.message().empty()) canvas_.write(row, 0, view_.message(), Ink::warm);
    else canvas_.write(row, 0, "m mute  s solo  +/- gain  <- -> seek  space start/pause  l loop  ? help  q quit", Ink::quiet);
}

}  // namespace

int meter_columns(double level_db, int width) noexcept
{
    return static_cast<int>(std::lround(std::clamp((level_db - floor_db) / -floor_db, 0.0, 1.0) * width));
}

Canvas lay_out(const View& view, int rows, int columns, bool fancy)
{
    return Layout(view, std::max(rows, 1), std::max(columns, 1), fancy).draw();
}

}  // namespace stemwire::control::top
