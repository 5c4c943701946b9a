// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "plot/charts.hpp"
#include "plot/decay.hpp"
#include "plot/figure.hpp"
#include "plot/octaves.hpp"
#include "plot/png.hpp"
#include "stemwire/units.hpp"

namespace stemwire::plot {

namespace {

constexpr double right_margin = 24.0;
constexpr double scale_margin = 84.0;  // the colour scale's room
constexpr std::size_t pixels = 700;    // about a pane's width
constexpr std::size_t most_wave_columns = 4 * pixels;  // of all channels, so that the file stays small
constexpr double waves_height = 230.0;
constexpr double least_wave_height = 44.0;
constexpr double most_wave_height = 110.0;

constexpr double lowest_hz = 20.0;
constexpr double highest_hz = 20000.0;
constexpr std::size_t image_rows = 250;
constexpr double quietest_db = -96.0;
constexpr std::size_t shades = 65;     // 1.5 dB each

constexpr double decay_floor_db = -90.0;

/// From dark to light, each lighter than the one before: anchors of matplotlib's map "magma" (CC0), and straight lines between them.
std::array<Colour, shades> make_palette()
{
    static constexpr std::array<Colour, 7> anchors{{{0, 0, 4}, {43, 17, 94}, {104, 28, 129}, {161, 48, 126}, {222, 73, 104}, {252, 141, 89}, {252, 253, 191}}};
    std::array<Colour, shades> palette{};
    for (std::size_t shade = 0; shade < shades; ++shade) {
        const double place = static_cast<double>(shade) / (shades - 1) * (anchors.size() - 1);
        const auto below = std::min(static_cast<std::size_t>(place), anchors.size() - 2);
        for (std::size_t part = 0; part < 3; ++part)
            palette[shade][part] = static_cast<std::uint8_t>(std::lround(std::lerp(anchors[below][part], anchors[below + 1][part], place - static_cast<double>(below))));
    }
    return palette;
}

std::uint8_t shade_of(double level_db)
{
    return static_cast<std::uint8_t>(std::lround(std::clamp(1.0 - level_db / quietest_db, 0.0, 1.0) * (shades - 1)));
}

std::string scale_image()
{
    std::array<std::uint8_t, shades> rows{};
    for (std::size_t row = 0; row < shades; ++row) rows[row] = static_cast<std::uint8_t>(shades - 1 - row);
    return encode_png(1, shades, rows, make_palette());
}

/// The highest level of some columns in each row of the image, which is a band of frequencies; the top row is the highest.
std::string spectrogram_image(const Spectrogram& spectrogram, Frames frames, double high_hz)
{
    const std::size_t width = std::min(pixels, spectrogram.columns());
    std::vector<std::uint8_t> image(width * image_rows);
    const auto border = [&](std::size_t row) {
        return lowest_hz * std::pow(high_hz / lowest_hz, static_cast<double>(image_rows - row) / image_rows) / spectrogram.bin_hz();
    };
    for (std::size_t x = 0; x < width; ++x) {
        const auto first = std::min<std::size_t>(frames * x / width / spectrogram.column_frames(), spectrogram.columns() - 1);
        const auto end = std::clamp<std::size_t>(frames * (x + 1) / width / spectrogram.column_frames(), first + 1, spectrogram.columns());
        const auto levels_db = spectrogram.highest_db(first, end);
        for (std::size_t row = 0; row < image_rows; ++row) image[row * width + x] = shade_of(highest_between(levels_db, border(row + 1), border(row)));
    }
    return encode_png(width, image_rows, image, make_palette());
}

/// A pane for each channel, from −top to top: extremes, and the power in the middle of them.
void add_waves(Figure& figure, const Waveform& waveform, std::span<const std::string> names, const Axis& time, double top, double right)
{
    const std::string top_text = plain_number(top);
    const std::size_t channels = waveform.channels();
    const double height = std::clamp(waves_height / static_cast<double>(channels), least_wave_height, most_wave_height);
    for (std::size_t channel = 0; channel < channels; ++channel) {
        Axis shared = time;
        shared.label.clear();
        const auto columns = waveform.columns(channel, std::min(pixels, most_wave_columns / channels));
        Axis level{names[channel], -top, top, false, {{-top, height > 60.0 ? "−" + top_text : ""}, {0.0, "0"}, {top, height > 60.0 ? top_text : ""}}};
        Pane& pane = figure.add(height, std::move(shared), std::move(level), right);
        std::vector<Extent> extremes;
        std::vector<Extent> power;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const double x = time.high * (static_cast<double>(i) + 0.5) / static_cast<double>(columns.size());
            extremes.push_back({x, columns[i].low, columns[i].high});
            power.push_back({x, -columns[i].rms, columns[i].rms});
        }
        pane.area(extremes, 0, 0.5);
        pane.area(power, 0, 1.0);
    }
}

double loudest(const Waveform& waveform)
{
    float peak = 0.0f;
    for (std::size_t channel = 0; channel < waveform.channels(); ++channel) peak = std::max(peak, waveform.peak(channel));
    return peak;
}

std::string decibels_text(double level_db)
{
    return std::isfinite(level_db) ? plain_number(level_db, 1) + " dBFS" : "silence";
}

std::string seconds_text(const char* name, const std::optional<DecayLine>& line)
{
    return std::string(name) + " " + (line ? plain_number(line->seconds) + " s" : "unknown: it does not fall so far");
}

/// The loudest sample of any channel in each of equal parts, in dB below the loudest of all.
std::vector<Extent> envelope(std::span<const std::vector<float>> channels, std::size_t frames, double rate_hz)
{
    std::vector<Extent> extents;
    const std::size_t count = std::min(frames, pixels);
    float peak = 0.0f;
    for (std::size_t part = 0; part < count; ++part) {
        float highest = 0.0f;
        for (const auto& channel : channels)
            for (std::size_t i = frames * part / count; i < frames * (part + 1) / count; ++i) highest = std::max(highest, std::abs(channel[i]));
        peak = std::max(peak, highest);
        extents.push_back({static_cast<double>(frames) * (static_cast<double>(part) + 0.5) / static_cast<double>(count) / rate_hz, 2.0 * decay_floor_db, highest});
    }
    for (Extent& extent : extents) extent.high = linear_to_decibels(extent.high / static_cast<double>(peak));
    return extents;
}

std::vector<Point> decay_points(const Decay& decay, double rate_hz)
{
    std::vector<Point> points;
    const auto& levels = decay.levels_db();
    const std::size_t count = std::min(levels.size(), pixels);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t frame = i * levels.size() / count;
        points.push_back({static_cast<double>(decay.onset() + frame) / rate_hz, levels[frame]});
    }
    return points;
}

/// A step for each octave whose decay time is known.
void add_octaves(Figure& figure, std::span<const OctaveDecay> octaves)
{
    std::vector<Point> steps;
    std::vector<Tick> centres;
    double longest_s = 0.0;
    for (const OctaveDecay& octave : octaves) {
        centres.push_back({octave.centre_hz, octave.centre_hz < 1000.0 ? plain_number(octave.centre_hz) : plain_number(octave.centre_hz / 1000.0) + "k"});
        const double seconds = octave.line ? octave.line->seconds : std::numeric_limits<double>::quiet_NaN();
        steps.push_back({octave.centre_hz / std::numbers::sqrt2, seconds});
        steps.push_back({octave.centre_hz * std::numbers::sqrt2, seconds});
        if (octave.line) longest_s = std::max(longest_s, seconds);
    }
    if (longest_s == 0.0) return;
    Axis frequency{"octave (Hz)", steps.front().x, steps.back().x, true, std::move(centres)};
    Axis time = time_axis(1.15 * longest_s);
    time.label.replace(0, 4, "RT60");
    figure.add(130.0, std::move(frequency), std::move(time), right_margin).line(steps, 2);
}

}  // namespace

std::string draw_sound(Heading heading, const Waveform& waveform, const Spectrogram& spectrogram, std::span<const std::string> names, double rate_hz)
{
    double rms = 0.0;
    for (std::size_t channel = 0; channel < waveform.channels(); ++channel) rms = std::max(rms, waveform.rms(channel));
    const double peak = loudest(waveform);
    heading.facts.push_back("peak " + decibels_text(linear_to_decibels(peak)));
    heading.facts.push_back("RMS " + decibels_text(linear_to_decibels(rms)));
    Figure figure(std::move(heading.title), heading.facts);
    const Axis time = time_axis(static_cast<double>(waveform.frames()) / rate_hz);
    add_waves(figure, waveform, names, time, std::max(1.0, peak), scale_margin);
    const double high_hz = std::min(highest_hz, rate_hz / 2.0);
    Pane& pane = figure.add(250.0, time, frequency_axis(lowest_hz, high_hz), scale_margin);
    pane.image(spectrogram_image(spectrogram, waveform.frames(), high_hz));
    pane.colour_scale(scale_image(), stepped_axis("dBFS", quietest_db, 0.0, 12.0));
    return figure.svg();
}

std::string draw_decay(Heading heading, std::span<const std::vector<float>> impulse, std::span<const std::string> names, double rate_hz)
{
    const Decay decay(impulse, rate_hz);
    const auto t30 = decay.t30();
    const auto t20 = decay.t20();
    const auto line = t30 ? t30 : t20;
    heading.facts.insert(heading.facts.begin(), {seconds_text("RT60", line) + (t30 ? " (T30)" : t20 ? " (T20)" : ""), seconds_text("T20", t20), seconds_text("early decay", decay.early()),
                                                 "begins after " + plain_number(static_cast<double>(decay.onset()) / rate_hz * 1000.0, 1) + " ms"});
    Figure figure(std::move(heading.title), heading.facts);
    const std::size_t frames = std::max<std::size_t>(decay.onset() + decay.levels_db().size(), 2);
    const double seconds = static_cast<double>(frames) / rate_hz;
    Waveform waveform(impulse.size());
    std::vector<const float*> pointers;
    for (const auto& channel : impulse) pointers.push_back(channel.data());
    waveform.add(pointers, static_cast<std::uint32_t>(frames));
    const Axis time = time_axis(seconds);
    add_waves(figure, waveform, names, time, loudest(waveform), right_margin);

    Pane& pane = figure.add(300.0, time, decibel_axis("level (dB)", decay_floor_db, 6.0, 10), right_margin);
    pane.area(envelope(impulse, frames, rate_hz), 0, 0.4);
    pane.line(decay_points(decay, rate_hz), 1);
    pane.legend("loudest sample", 0);
    pane.legend("energy to come", 1);
    if (line) {
        const double from_s = static_cast<double>(decay.onset()) / rate_hz;
        const std::vector<Point> straight{{from_s, line->start_db}, {seconds, line->start_db - 60.0 * (seconds - from_s) / line->seconds}};
        pane.line(straight, 2, true);
        pane.legend(t30 ? "T30" : "T20", 2, true);
    }
    add_octaves(figure, octave_decays(impulse, rate_hz));
    return figure.svg();
}

}  // namespace stemwire::plot
