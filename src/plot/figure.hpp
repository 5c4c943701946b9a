// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "plot/axis.hpp"

namespace stemwire::plot {

/// In the units of a pane's axes. One that is no number interrupts a line; infinities are drawn at the border.
struct Point {
    double x;
    double y;
};

/// An area's extent at one x.
struct Extent {
    double x;
    double low;
    double high;
};

/// A rectangle with two axes and what is drawn in it. Coordinates of the picture are in pixels, from the upper left corner.
class Pane {
public:
    struct Box {
        double left;
        double top;
        double width;
        double height;
    };

    Pane(const Box& box, Axis x, Axis y) : box_(box), x_(std::move(x)), y_(std::move(y)) {}

    /// `colour` counts from 0; there are six.
    void line(std::span<const Point> points, std::size_t colour, bool dashed = false);
    /// The area between the extents, in the order of x; `strength` from 0 (not seen) to 1.
    void area(std::span<const Extent> extents, std::size_t colour, double strength);
    /// A PNG stretched over the whole pane.
    void image(const std::string& png);
    /// A line of the legend, which stands in the upper right corner.
    void legend(const std::string& name, std::size_t colour, bool dashed = false);
    /// A PNG beside the pane with an axis of its own: what the image's colours mean.
    void colour_scale(const std::string& png, const Axis& axis);

    [[nodiscard]] const Box& box() const noexcept { return box_; }
    /// The pane as SVG; `index` tells the panes of one picture apart.
    [[nodiscard]] std::string svg(std::size_t index) const;

private:
    [[nodiscard]] double x_at(double value) const noexcept;
    [[nodiscard]] double y_at(double value) const noexcept;
    [[nodiscard]] std::string grid() const;
    [[nodiscard]] std::string labels() const;

    Box box_;
    Axis x_;
    Axis y_;
    std::string drawing_;  ///< clipped to the box
    std::string around_;
    int legends_ = 0;
};

/// A picture of 800 pixels' width: a title, lines that tell more, and panes one below the other. It reads well on light and on dark pages.
class Figure {
public:
    static constexpr double width = 800.0;

    /// `facts` are joined into lines below the title.
    Figure(std::string title, const std::vector<std::string>& facts);

    /// Adds a pane below the others; valid as long as the figure. `right`: pixels kept free beside it.
    Pane& add(double height, Axis x, Axis y, double right = 24.0);
    /// The whole file.
    [[nodiscard]] std::string svg() const;

private:
    std::string title_;
    std::vector<std::string> lines_;
    double bottom_;
    std::deque<Pane> panes_;
};

}  // namespace stemwire::plot
