// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/figure.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <sstream>

#include <gtest/gtest.h>
#include <zlib.h>

#include "plot/base64.hpp"
#include "plot/charts.hpp"
#include "plot/png.hpp"

namespace stemwire {
namespace {

using plot::Axis;
using plot::Figure;
using plot::Point;

/// The first element that is never closed, or closed and never opened; empty where all is well.
std::string unbalanced(const std::string& svg)
{
    std::vector<std::string> open;
    for (std::size_t at = svg.find('<'); at != std::string::npos; at = svg.find('<', at + 1)) {
        const std::size_t end = svg.find('>', at);
        if (end == std::string::npos) return "cut off";
        const std::string tag = svg.substr(at + 1, end - at - 1);
        if (tag.find('<') != std::string::npos) return tag;
        if (tag.front() == '/') {
            if (open.empty() || open.back() != tag.substr(1)) return tag;
            open.pop_back();
        } else if (tag.back() != '/') {
            open.push_back(tag.substr(0, tag.find(' ')));
        }
    }
    return open.empty() ? "" : open.back();
}

std::size_t count(const std::string& text, const std::string& part)
{
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
}

std::uint32_t number_at(const std::string& bytes, std::size_t at)
{
    std::uint32_t number = 0;
    for (std::size_t i = at; i < at + 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
    return number;
}

const Bytef* bytes_of(const std::string& text)
{
    return reinterpret_cast<const Bytef*>(text.data());
}

TEST(Axis, lays_frequencies_out_in_equal_ratios)
{
    const Axis axis = plot::frequency_axis(20.0, 20000.0);
    EXPECT_NEAR(axis.share(20.0), 0.0, 1e-12);
    EXPECT_NEAR(axis.share(std::sqrt(20.0 * 20000.0)), 0.5, 1e-12);
    EXPECT_NEAR(axis.share(20000.0), 1.0, 1e-12);
    EXPECT_EQ(axis.ticks.front().text, "20");
    EXPECT_EQ(axis.ticks.back().text, "20k");
    EXPECT_EQ(axis.ticks.size(), 28u);  // 20 … 90, 100 … 900, 1k … 9k, 10k and 20k
}

TEST(Axis, has_few_round_ticks_for_any_time)
{
    for (const double seconds : {1e-4, 0.003, 0.47, 0.5, 1.0, 4.99, 5.1, 34.1, 119.0, 121.0, 3599.0, 36000.0}) {
        const Axis axis = plot::time_axis(seconds);
        EXPECT_GE(axis.ticks.size(), 3u) << seconds;
        EXPECT_LE(axis.ticks.size(), 12u) << seconds;
        EXPECT_EQ(axis.ticks.front().value, 0.0);
        EXPECT_LE(axis.ticks.back().value, seconds * (1.0 + 1e-8));
        EXPECT_EQ(axis.high, seconds);
    }
    EXPECT_EQ(plot::time_axis(130.0).ticks.at(1).text, "0:15");
    EXPECT_EQ(plot::time_axis(0.1).ticks.at(1).text, "10");
    EXPECT_EQ(plot::time_axis(0.1).label, "time (ms)");
}

TEST(Axis, writes_numbers_as_short_as_they_are)
{
    EXPECT_EQ(plot::plain_number(3.0), "3");
    EXPECT_EQ(plot::plain_number(-0.5), "−0.5");
    EXPECT_EQ(plot::plain_number(44.1, 3), "44.1");
    EXPECT_EQ(plot::plain_number(-0.001), "0");
    EXPECT_EQ(plot::plain_number(100.0, 0), "100");
}

TEST(Figure, is_well_formed_whatever_the_names_are)
{
    Figure figure(std::string(200, 'x') + "<&\">é\n", {"a < b", std::string(300, '&')});
    figure.add(100.0, plot::time_axis(2.0), plot::decibel_axis("\"level\"", -60.0, 0.0)).legend("<rms>", 2);
    const std::string svg = figure.svg();
    EXPECT_EQ(unbalanced(svg), "");
    EXPECT_EQ(count(svg, "&"), count(svg, "&amp;") + count(svg, "&lt;") + count(svg, "&gt;") + count(svg, "&quot;"));
    EXPECT_NE(svg.find("prefers-color-scheme: dark"), std::string::npos);
}

TEST(Figure, draws_a_line_where_its_points_are)
{
    Figure figure("line", {});
    plot::Pane& pane = figure.add(100.0, Axis{"x", 0.0, 10.0}, Axis{"y", 0.0, 1.0});
    EXPECT_EQ(pane.box().left, 70.0);
    EXPECT_EQ(pane.box().width, 706.0);
    pane.line(std::vector<Point>{{0.0, 0.0}, {10.0, 1.0}}, 0);
    const std::string path = "M70 " + plot::plain_number(pane.box().top + 100.0, 1) + "l706 -100";
    EXPECT_NE(figure.svg().find("d=\"" + path + "\""), std::string::npos) << figure.svg();
}

TEST(Figure, breaks_a_line_at_what_is_no_number_and_keeps_infinities_near)
{
    Figure figure("line", {});
    const double infinite = std::numeric_limits<double>::infinity();
    figure.add(100.0, Axis{"x", 0.0, 4.0}, Axis{"y", 0.0, 1.0}).line(std::vector<Point>{{0, 0}, {1, -infinite}, {2, std::nan("")}, {3, 0}, {4, infinite}}, 1);
    const std::string svg = figure.svg();
    const std::size_t at = svg.find("d=\"", svg.find("class=\"line c1\""));
    const std::string line = svg.substr(at, svg.find("/>", at) - at);
    EXPECT_EQ(count(line, "M"), 2u) << line;
    EXPECT_EQ(count(line, "l"), 2u) << line;
    EXPECT_EQ(line.find("inf"), std::string::npos);
    EXPECT_EQ(line.find("nan"), std::string::npos);
}

TEST(Figure, loses_no_place_on_a_long_line)
{
    // Steps of a third of a pixel, each of which is rounded: the last one must still end where it should.
    Figure figure("line", {});
    plot::Pane& pane = figure.add(100.0, Axis{"x", 0.0, 706.0}, Axis{"y", 0.0, 100.0});
    std::vector<Point> points;
    for (int i = 0; i <= 300; ++i) points.push_back({i / 3.0, i / 3.0});
    pane.line(points, 1);
    const std::string svg = figure.svg();
    const std::size_t at = svg.find("d=\"M", svg.find("class=\"line c1\"")) + 4;
    std::string path = svg.substr(at, svg.find('"', at) - at);
    std::ranges::replace(path, 'l', ' ');
    std::istringstream numbers(path);
    double x = 0.0;
    double y = 0.0;
    for (double dx = 0.0, dy = 0.0; numbers >> dx >> dy;) {
        x += dx;
        y += dy;
    }
    EXPECT_NEAR(x, 170.0, 0.05);
    EXPECT_NEAR(y, pane.box().top, 0.05);
}

TEST(Chart, of_what_lets_little_through_is_well_formed)
{
    const std::string response = plot::draw_response({"r", {"fact"}}, plot::Response(std::vector<float>{0.0f, 1e-3f}, 0, 8000.0), 8000.0);
    EXPECT_EQ(unbalanced(response), "");
    const plot::StaticCurve gate{{{-10.0, gain_off}, {0.0, gain_off}}, {{0.0, gain_off}, {-10.0, gain_off}}};
    const std::string curve = plot::draw_curve({"c", {}}, gate);
    EXPECT_EQ(unbalanced(curve), "");
    EXPECT_EQ(curve.find("inf"), std::string::npos);
    const std::vector<std::vector<float>> click{{0.0f, 1.0f}};
    const std::string decay = plot::draw_decay({"d", {}}, click, std::vector<std::string>{"MONO"}, 48000.0);
    EXPECT_EQ(unbalanced(decay), "");
    EXPECT_NE(decay.find("RT60 unknown"), std::string::npos);
}

TEST(Base64, is_that_of_the_standard)
{
    // RFC 4648, section 10.
    EXPECT_EQ(plot::base64(""), "");
    EXPECT_EQ(plot::base64("f"), "Zg==");
    EXPECT_EQ(plot::base64("fo"), "Zm8=");
    EXPECT_EQ(plot::base64("foo"), "Zm9v");
    EXPECT_EQ(plot::base64("foobar"), "Zm9vYmFy");
}

TEST(Png, holds_its_pixels_between_right_checksums)
{
    const std::vector<std::uint8_t> pixels{0, 1, 2, 2, 1, 0};
    const std::vector<plot::Colour> palette{{1, 2, 3}, {4, 5, 6}, {255, 254, 253}};
    const std::string png = plot::encode_png(3, 2, pixels, palette);
    EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
    std::map<std::string, std::string> chunks;
    std::string kinds;
    for (std::size_t at = 8; at < png.size();) {
        const std::uint32_t size = number_at(png, at);
        const std::string body = png.substr(at + 4, size + 4);
        const std::string kind = body.substr(0, 4);
        EXPECT_EQ(number_at(png, at + 8 + size), crc32(0, bytes_of(body), static_cast<uInt>(body.size())));
        kinds += kind + ' ';
        chunks[kind] = body.substr(4);
        at += size + 12;
    }
    EXPECT_EQ(kinds, "IHDR PLTE IDAT IEND ");
    EXPECT_EQ(chunks["IHDR"].substr(0, 8), std::string("\0\0\0\3\0\0\0\2", 8));
    EXPECT_EQ(chunks["PLTE"], "\1\2\3\4\5\6\xff\xfe\xfd");
    const std::string& data = chunks["IDAT"];
    std::string rows(8, '\0');
    uLongf size = rows.size();
    ASSERT_EQ(uncompress(reinterpret_cast<Bytef*>(rows.data()), &size, bytes_of(data), static_cast<uLong>(data.size())), Z_OK);
    EXPECT_EQ(rows, std::string("\0\0\1\2\0\2\1\0", 8));
}

}  // namespace
}  // namespace stemwire
