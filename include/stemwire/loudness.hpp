// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <limits>
#include <span>
#include <string>

namespace stemwire {

/// How loud an output group is (EBU R 128), published ten times a second by `process()` and read by anyone without a lock. −∞: silence.
struct LoudnessReading {
    static constexpr float silence = -std::numeric_limits<float>::infinity();
    std::string name;  ///< the meter of the same name, which is an output; set before processing starts
    std::atomic<float> momentary_lufs{silence};   ///< of the last 400 ms
    std::atomic<float> short_term_lufs{silence};  ///< of the last 3 s
    std::atomic<float> integrated_lufs{silence};  ///< since the transport last started or jumped
    std::atomic<float> true_peak{0.0f};           ///< since then, linear, of full scale
};

/// A node that measures loudness beside its meters.
class LoudnessSource {
public:
    virtual ~LoudnessSource() = default;
    /// The same objects for the node's whole life. Any thread.
    [[nodiscard]] virtual const LoudnessReading* loudness_of(const std::string& output) const noexcept = 0;
};

}  // namespace stemwire
