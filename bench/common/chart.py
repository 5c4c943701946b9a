# SPDX-License-Identifier: GPL-3.0-or-later
"""Line charts as SVG that read well on light and on dark pages."""

import math
from html import escape

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 48, 56

# Told apart with any kind of colour vision: Okabe and Ito, "Color Universal Design" (2008), without its yellow; on dark pages lighter.
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"]
DARK_COLOURS = ["#4aa8e0", "#ff8a3d", "#2fd0a0", "#e3a5c7", "#8fd0f5", "#ffc14d"]

STYLE = """
  svg { font: 13px system-ui, sans-serif; }
  .page { fill: #ffffff; } text { fill: #24292f; } .title { font-size: 16px; font-weight: 600; }
  .grid { stroke: #d8dee4; } .axis { stroke: #24292f; } .line { fill: none; stroke-width: 2.2; }
"""
DARK_STYLE = "    .page { fill: #0d1117; } text { fill: #e6edf3; } .grid { stroke: #30363d; } .axis { stroke: #e6edf3; }\n"


def nice_ticks(low, high, logarithmic):
    """Round numbers from low to high."""
    if logarithmic:
        span = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        few = math.log10(high / low) < 3
        ticks = [m * 10.0**e for e in span for m in ((1, 2, 5) if few else (1,))]
    else:
        rough = (high - low) / 5
        size = 10 ** math.floor(math.log10(rough))
        step = next(size * m for m in (1, 2, 5, 10) if size * m >= rough)
        ticks = [step * i for i in range(math.ceil(low / step), math.floor(high / step + 1e-9) + 1)]
    return [tick for tick in ticks if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]


def plain(number):
    return f"{number:,.0f}".replace(",", " ") if number >= 1000 else f"{number:g}"


class Scale:
    """Maps values to pixels."""

    def __init__(self, values, first, last, logarithmic, from_zero):
        self.logarithmic = logarithmic
        self.low, self.high = min(values), max(values)
        if from_zero and not logarithmic:
            self.low = 0.0
        if logarithmic and from_zero:
            self.low, self.high = self.low / 1.3, self.high * 1.3
        if self.high <= self.low:
            self.high = self.low * 2 or 1.0
        if from_zero and not logarithmic:
            self.high *= 1.05
        self.first, self.last = first, last

    def at(self, value):
        if self.logarithmic:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.first + share * (self.last - self.first)


class Chart:
    """Series of points over one axis; x values may be given as the only ticks."""

    def __init__(self, title, x_label, y_label, log_x=False, log_y=False, x_ticks=None):
        self.title, self.x_label, self.y_label = title, x_label, y_label
        self.log_x, self.log_y, self.x_ticks = log_x, log_y, x_ticks
        self.series = []

    def add(self, name, points, dashed=False):
        points = sorted((x, y) for x, y in points if x is not None and y is not None and (y > 0 or not self.log_y))
        if points:
            self.series.append((name, points, dashed))

    def svg(self):
        """The whole file; None without a point."""
        if not self.series:
            return None
        x = Scale([p[0] for s in self.series for p in s[1]], LEFT, WIDTH - RIGHT, self.log_x, False)
        y = Scale([p[1] for s in self.series for p in s[1]], HEIGHT - BOTTOM, TOP, self.log_y, True)
        body = self._axes(x, y)
        for index, series in enumerate(self.series):
            body += self._line(index, series, x, y)
        classes = "".join(f"  .c{i} {{ stroke: {c}; }} .f{i} {{ fill: {c}; }}\n" for i, c in enumerate(COLOURS))
        classes += "  @media (prefers-color-scheme: dark) {\n" + DARK_STYLE
        classes += "".join(f"    .c{i} {{ stroke: {c}; }} .f{i} {{ fill: {c}; }}\n" for i, c in enumerate(DARK_COLOURS)) + "  }\n"
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img"'
                f' aria-label="{escape(self.title)}">\n<style>{STYLE}{classes}</style>\n<rect class="page" width="100%" height="100%" rx="6"/>\n'
                + "\n".join(body) + "\n</svg>\n")

    def _axes(self, x, y):
        right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
        body = [f'<text class="title" x="{LEFT}" y="26">{escape(self.title)}</text>']
        for tick in nice_ticks(y.low, y.high, self.log_y):
            at = f"{y.at(tick):.1f}"
            body.append(f'<line class="grid" x1="{LEFT}" y1="{at}" x2="{right}" y2="{at}"/>'
                        f'<text x="{LEFT - 8}" y="{at}" dy="4" text-anchor="end">{plain(tick)}</text>')
        for tick in self.x_ticks or nice_ticks(x.low, x.high, self.log_x):
            at = f"{x.at(tick):.1f}"
            body.append(f'<line class="axis" x1="{at}" y1="{bottom}" x2="{at}" y2="{bottom + 5}"/>'
                        f'<text x="{at}" y="{bottom + 20}" text-anchor="middle">{plain(tick)}</text>')
        body.append(f'<path class="axis" fill="none" d="M{LEFT} {TOP}V{bottom}H{right}"/>')
        body.append(f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 14}" text-anchor="middle">{escape(self.x_label)}</text>')
        body.append(f'<text transform="translate(18 {(TOP + bottom) / 2}) rotate(-90)" text-anchor="middle">{escape(self.y_label)}</text>')
        return body

    def _line(self, index, series, x, y):
        name, points, dashed = series
        colour = index % len(COLOURS)
        path = "L".join(f"{x.at(px):.1f} {y.at(py):.1f}" for px, py in points)
        dash = ' stroke-dasharray="6 4"' if dashed else ""
        legend = TOP + 10 + 22 * index
        body = [f'<path class="line c{colour}"{dash} d="M{path}"/>']
        body += [f'<circle class="f{colour}" cx="{x.at(px):.1f}" cy="{y.at(py):.1f}" r="3"><title>{escape(name)}: {plain(px)}, {py:.3g}</title></circle>'
                 for px, py in points]
        body.append(f'<path class="line c{colour}"{dash} d="M{WIDTH - RIGHT + 16} {legend}h24"/>'
                    f'<text x="{WIDTH - RIGHT + 48}" y="{legend}" dy="4">{escape(name)}</text>')
        return body
