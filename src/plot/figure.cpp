// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/figure.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "plot/base64.hpp"

namespace stemwire::plot {

namespace {

constexpr double left_margin = 70.0;
constexpr double title_line = 26.0;
constexpr double fact_height = 18.0;
constexpr std::size_t fact_columns = 108;  // characters that fit beside each other at 13 pixels
constexpr std::size_t longest_title = 84;
constexpr double below_labels = 54.0;

// Told apart with any kind of colour vision: Okabe and Ito, "Color Universal Design" (2008), without its yellow; on dark pages lighter.
constexpr std::array<std::string_view, 6> colours{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"};
constexpr std::array<std::string_view, 6> dark_colours{"#4aa8e0", "#ff8a3d", "#2fd0a0", "#e3a5c7", "#8fd0f5", "#ffc14d"};

constexpr std::string_view style = R"(  svg { font: 13px system-ui, sans-serif; }
  .page { fill: #ffffff; } text { fill: #24292f; } .title { font-size: 16px; font-weight: 600; } .fact { fill: #57606a; }
  .grid { stroke: #d8dee4; fill: none; } .axis { stroke: #24292f; fill: none; } .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
)";
constexpr std::string_view dark_style = R"(    .page { fill: #0d1117; } text { fill: #e6edf3; } .fact { fill: #9da7b3; } .grid { stroke: #30363d; } .axis { stroke: #e6edf3; }
)";

/// A coordinate, to a tenth of a pixel.
std::string px(double value)
{
    std::array<char, 64> text{};
    char* end = std::to_chars(text.data(), text.data() + text.size(), std::round(value * 10.0) / 10.0, std::chars_format::fixed, 1).ptr;
    if (end[-1] == '0') end -= 2;
    return {text.data(), end};
}

/// A path through points: after the first, each says only how far it is from the one before, which is half as long.
class Path {
public:
    void go(double x, double y, bool pen_is_down)
    {
        const double next_x = std::round(x * 10.0) / 10.0;
        const double next_y = std::round(y * 10.0) / 10.0;
        if (pen_is_down) text_ += 'l' + px(next_x - x_) + ' ' + px(next_y - y_);
        else text_ += 'M' + px(next_x) + ' ' + px(next_y);
        x_ = next_x;
        y_ = next_y;
    }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
    double x_ = 0.0;
    double y_ = 0.0;
};

std::string attribute(std::string_view name, double value)
{
    return " " + std::string(name) + "=\"" + px(value) + '"';
}

std::string escape(std::string_view text)
{
    std::string safe;
    for (const char character : text) {
        if (character == '&') safe += "&amp;";
        else if (character == '<') safe += "&lt;";
        else if (character == '>') safe += "&gt;";
        else if (character == '"') safe += "&quot;";
        else if (static_cast<unsigned char>(character) >= 0x20) safe += character;
    }
    return safe;
}

std::string text_at(double x, double y, std::string_view anchor, std::string_view text)
{
    return "<text" + attribute("x", x) + attribute("y", y) + (anchor.empty() ? "" : " text-anchor=\"" + std::string(anchor) + '"') + '>' + escape(text) + "</text>\n";
}

std::string png_at(const Pane::Box& box, const std::string& png)
{
    return "<image" + attribute("x", box.left) + attribute("y", box.top) + attribute("width", box.width) + attribute("height", box.height) +
           " preserveAspectRatio=\"none\" href=\"data:image/png;base64," + base64(png) + "\"/>\n";
}

std::string colour_classes(const std::array<std::string_view, 6>& set)
{
    std::string text;
    for (std::size_t i = 0; i < set.size(); ++i)
        text += "  .c" + std::to_string(i) + " { stroke: " + std::string(set[i]) + "; } .f" + std::to_string(i) + " { fill: " + std::string(set[i]) + "; }\n";
    return text;
}

std::string box_attributes(const Pane::Box& box)
{
    return attribute("x", box.left) + attribute("y", box.top) + attribute("width", box.width) + attribute("height", box.height);
}

std::size_t characters(std::string_view text)
{
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// The facts in as many lines as they need.
std::vector<std::string> lines_of(const std::vector<std::string>& facts)
{
    std::vector<std::string> lines;
    for (const std::string& fact : facts) {
        if (!lines.empty() && characters(lines.back()) + characters(fact) + 3 <= fact_columns) lines.back() += " · " + fact;
        else lines.push_back(fact);
    }
    return lines;
}

/// A title of any length, with its end, which tells more than its beginning.
std::string shortened(std::string title)
{
    std::size_t cut = 0;
    while (characters(std::string_view(title).substr(cut)) > longest_title) ++cut;
    return cut == 0 ? title : "…" + title.substr(cut);
}

}  // namespace

double Pane::x_at(double value) const noexcept
{
    return box_.left + std::clamp(x_.share(value), -1.0, 2.0) * box_.width;
}

double Pane::y_at(double value) const noexcept
{
    return box_.top + (1.0 - std::clamp(y_.share(value), -1.0, 2.0)) * box_.height;
}

void Pane::line(std::span<const Point> points, std::size_t colour, bool dashed)
{
    Path path;
    bool pen_is_down = false;
    for (const Point& point : points) {
        if (std::isnan(point.x) || std::isnan(point.y)) {
            pen_is_down = false;
            continue;
        }
        path.go(x_at(point.x), y_at(point.y), pen_is_down);
        pen_is_down = true;
    }
    drawing_ += "<path class=\"line c" + std::to_string(colour % colours.size()) + '"' + (dashed ? " stroke-dasharray=\"6 4\"" : "") + " d=\"" + path.text() + "\"/>\n";
}

void Pane::area(std::span<const Extent> extents, std::size_t colour, double strength)
{
    Path path;
    for (const Extent& extent : extents) path.go(x_at(extent.x), y_at(extent.high), !path.text().empty());
    for (auto extent = extents.rbegin(); extent != extents.rend(); ++extent) path.go(x_at(extent->x), y_at(extent->low), true);
    // The thin stroke keeps what has no height, silence, in sight.
    const std::string number = std::to_string(colour % colours.size());
    drawing_ += "<path class=\"c" + number + " f" + number + "\" stroke-width=\"0.6\"" + attribute("opacity", strength) + " d=\"" + path.text() + "Z\"/>\n";
}

void Pane::image(const std::string& png)
{
    drawing_ += png_at(box_, png);
}

void Pane::legend(const std::string& name, std::size_t colour, bool dashed)
{
    const double y = box_.top + 18.0 + 20.0 * legends_++;
    const double right = box_.left + box_.width - 12.0;
    around_ += "<path class=\"line c" + std::to_string(colour % colours.size()) + '"' + (dashed ? " stroke-dasharray=\"6 4\"" : "") + " d=\"M" + px(right - 26.0) + ' ' +
               px(y) + "H" + px(right) + "\"/>\n" + text_at(right - 34.0, y + 4.0, "end", name);
}

void Pane::colour_scale(const std::string& png, const Axis& axis)
{
    const Box scale{box_.left + box_.width + 14.0, box_.top, 12.0, box_.height};
    around_ += png_at(scale, png) + "<rect class=\"axis\"" + box_attributes(scale) + "/>\n";
    for (const Tick& tick : axis.ticks)
        around_ += text_at(scale.left + scale.width + 6.0, scale.top + (1.0 - axis.share(tick.value)) * scale.height + 4.0, "", tick.text);
    around_ += text_at(scale.left, scale.top + scale.height + 20.0, "", axis.label);
}

std::string Pane::grid() const
{
    std::string path;
    for (const Tick& tick : x_.ticks) path += 'M' + px(x_at(tick.value)) + ' ' + px(box_.top) + 'V' + px(box_.top + box_.height);
    for (const Tick& tick : y_.ticks) path += 'M' + px(box_.left) + ' ' + px(y_at(tick.value)) + 'H' + px(box_.left + box_.width);
    return "<path class=\"grid\" d=\"" + path + "\"/>\n";
}

std::string Pane::labels() const
{
    const double bottom = box_.top + box_.height;
    std::string text;
    for (const Tick& tick : y_.ticks)
        if (!tick.text.empty()) text += text_at(box_.left - 8.0, y_at(tick.value) + 4.0, "end", tick.text);
    const double middle = box_.top + box_.height / 2.0;
    text += "<text transform=\"translate(18 " + px(middle) + ") rotate(-90)\" text-anchor=\"middle\">" + escape(y_.label) + "</text>\n";
    if (x_.label.empty()) return text;
    for (const Tick& tick : x_.ticks)
        if (!tick.text.empty()) text += text_at(x_at(tick.value), bottom + 18.0, "middle", tick.text);
    return text + text_at(box_.left + box_.width / 2.0, bottom + 38.0, "middle", x_.label);
}

std::string Pane::svg(std::size_t index) const
{
    const std::string clip = "pane" + std::to_string(index);
    return "<clipPath id=\"" + clip + "\"><rect" + box_attributes(box_) + "/></clipPath>\n" + grid() + "<g clip-path=\"url(#" + clip + ")\">\n" + drawing_ + "</g>\n" +
           "<rect class=\"axis\"" + box_attributes(box_) + "/>\n" + labels() + around_;
}

Figure::Figure(std::string title, const std::vector<std::string>& facts)
    : title_(shortened(std::move(title))), lines_(lines_of(facts)), bottom_(title_line + fact_height * static_cast<double>(lines_.size()) + 16.0)
{
}

Pane& Figure::add(double height, Axis x, Axis y, double right)
{
    const double below = x.label.empty() ? 14.0 : below_labels;
    Pane& pane = panes_.emplace_back(Pane::Box{left_margin, bottom_, width - left_margin - right, height}, std::move(x), std::move(y));
    bottom_ += height + below;
    return pane;
}

std::string Figure::svg() const
{
    const std::string size = px(width) + ' ' + px(bottom_);
    std::string text = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + size + '"' + attribute("width", width) + attribute("height", bottom_) + " role=\"img\" aria-label=\"" +
                       escape(title_) + "\">\n<style>\n" + std::string(style) + colour_classes(colours) + "  @media (prefers-color-scheme: dark) {\n" + std::string(dark_style) +
                       colour_classes(dark_colours) + "  }\n</style>\n<rect class=\"page\" width=\"100%\" height=\"100%\" rx=\"6\"/>\n<text class=\"title\"" +
                       attribute("x", left_margin) + attribute("y", title_line) + '>' + escape(title_) + "</text>\n";
    double y = title_line;
    for (const std::string& line : lines_) text += "<text class=\"fact\"" + attribute("x", left_margin) + attribute("y", y += fact_height) + '>' + escape(line) + "</text>\n";
    for (std::size_t i = 0; i < panes_.size(); ++i) text += panes_[i].svg(i);
    return text + "</svg>\n";
}

}  // namespace stemwire::plot
