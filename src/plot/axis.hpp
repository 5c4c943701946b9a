// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

/// Pictures of what a node does and of what a file holds, as SVG, and the measurements they show. Thread: any but realtime.
namespace stemwire::plot {

/// Where an axis has a grid line; with a text, a label too.
struct Tick {
    double value;
    std::string text{};
};

/// What stands along one side of a picture.
struct Axis {
    std::string label;  ///< quantity and unit: `frequency (Hz)`
    double low;
    double high;        ///< above low
    bool logarithmic = false;  ///< then low is above 0
    std::vector<Tick> ticks{};

    /// Where a value lies: 0 at low, 1 at high.
    [[nodiscard]] double share(double value) const noexcept;
};

/// A number with as many decimals as it needs, up to `decimals`, and a true minus sign. The same in every locale.
[[nodiscard]] std::string plain_number(double value, int decimals = 2);

/// Logarithmic, in Hz, labelled at 1, 2 and 5 of every decade.
[[nodiscard]] Axis frequency_axis(double low_hz, double high_hz);
/// Linear, a tick at every multiple of `step`.
[[nodiscard]] Axis stepped_axis(std::string label, double low, double high, double step);
/// Linear in dB, with round steps, at most `most_ticks` of them.
[[nodiscard]] Axis decibel_axis(std::string label, double low_db, double high_db, int most_ticks = 8);
/// Seconds from 0, labelled as minutes and seconds from two minutes on.
[[nodiscard]] Axis time_axis(double seconds);

}  // namespace stemwire::plot
