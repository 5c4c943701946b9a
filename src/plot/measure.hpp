// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "stemwire/node.hpp"

namespace stemwire::plot {

/// A node that is measured without any host: every input hears the same. Blocking; never beside another use of the node.
class Subject {
public:
    /// The node must outlive it. `interrupted` may be set from a signal handler: what is measured is then cut short and worth nothing.
    Subject(Node& node, const Ports& ports, double rate_hz, const std::atomic<bool>& interrupted);

    /// Prepares the node: it forgets what it heard.
    Expected<void> prepare();
    /// Goes on by as many frames as `input` has; returns `[output][frame]`, valid until the next call.
    const std::vector<std::vector<float>>& process(std::span<const float> input);

    [[nodiscard]] Node& node() noexcept { return node_; }
    [[nodiscard]] double rate_hz() const noexcept { return rate_hz_; }
    [[nodiscard]] bool interrupted() const noexcept { return interrupted_; }

private:
    void process_block(std::span<const float> input, std::size_t offset);

    Node& node_;
    double rate_hz_;
    const std::atomic<bool>& interrupted_;
    std::size_t inputs_;
    Frames clock_ = 0;
    std::vector<std::vector<float>> outputs_;
};

/// `[output][frame]`: what comes of one frame of 1 and silence after it, for as long as latency and tail last, and `longest_s` at most. It is heard
/// at −120 dBFS, where compressors and limiters rest, and scaled back.
[[nodiscard]] Expected<std::vector<std::vector<float>>> impulse_response(Subject& subject, double longest_s);

/// A steady sine's level before and after, each the peak of a sine of the same power, in dBFS.
struct LevelPoint {
    double input_db;
    double output_db;
};

/// What a node makes of the level of a sine of 1 kHz, first rising from level to level and then falling again: they differ where a gate's hysteresis is.
struct StaticCurve {
    std::vector<LevelPoint> rising;
    std::vector<LevelPoint> falling;

    /// True where the way down is not the way up.
    [[nodiscard]] bool has_two_branches() const noexcept;
};

/// `levels_db` rise. Each sounds until the output (its first channel) has stayed for `slowest_s`, which is no shorter than any time that the node takes to
/// follow: then the rest of the way is within 0.02 dB. Where it never stays, it is given twelve times as long.
[[nodiscard]] Expected<StaticCurve> static_curve(Subject& subject, std::span<const double> levels_db, double slowest_s);

/// Whether the gain depends on the level of what comes in, by a sine of 1 kHz from −84 to +12 dBFS: by more than 0.05 dB within 0.3 s.
[[nodiscard]] Expected<bool> depends_on_level(Subject& subject);

}  // namespace stemwire::plot
