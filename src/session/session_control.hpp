// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stemwire/error.hpp"
#include "stemwire/parameter.hpp"

namespace stemwire::session {

enum class TransportState { stopped, starting, playing };

[[nodiscard]] std::string_view to_string(TransportState state) noexcept;

struct NodeStatus {
    std::string name;              ///< in the preset
    std::string type;
    std::string state;             ///< `running`, `waiting`, `silent` (suspended while it is prepared again), `lost` (its process died)
    double load_mean_us = 0;       ///< what one cycle costs
    double load_worst_us = 0;
    std::uint64_t cycles = 0;
    std::uint32_t latency_frames = 0;
    std::optional<double> buffer_seconds;         ///< of a track: decoded ahead
    std::optional<std::uint64_t> missing_frames;  ///< of a track, or of who has lost some
};

struct SessionLink {
    std::string from;              ///< as port names on the graph
    std::string to;
    std::string state;             ///< `made`, `waiting`, `cut` (by hand), `drawn` (by hand)
};

/// A cycle that was missed, and who was at work.
struct XrunRecord {
    std::uint64_t clock_frame = 0;
    double timeline_seconds = 0;
    std::uint64_t missed_cycles = 0;
    std::string node;              ///< whose processing took longest around it
    double node_us = 0;            ///< how long
    double budget_us = 0;          ///< what a cycle has
};

struct SessionStatus {
    std::string session;           ///< the preset's name
    std::string preset;            ///< path
    std::string backend;
    std::string server;            ///< name and version; empty while it is away
    double rate_hz = 0;
    std::uint32_t quantum = 0;
    TransportState state = TransportState::stopped;
    double seconds = 0;            ///< on the timeline, folded into the loop
    std::uint64_t frame = 0;
    std::optional<std::pair<double, double>> loop_seconds;
    std::optional<double> end_seconds;  ///< once known
    std::uint64_t xruns = 0;
    std::uint64_t missing_frames = 0;
    std::vector<XrunRecord> latest_xruns;  ///< at most 16, the oldest first
    std::vector<NodeStatus> nodes;
    std::vector<SessionLink> links;
};

/// One live parameter: `mix.drums.gain`.
struct ParameterValue {
    std::string address;           ///< with the node's name in front
    const Parameter* parameter = nullptr;  ///< static
    double value = 0;              ///< in the parameter's own number (dB, seconds, Hz, 0 … 1)
};

/// How loud a bus is at this moment (EBU R 128). −∞: silence.
struct LoudnessValue {
    double momentary_lufs = 0;
    double short_term_lufs = 0;
    double integrated_lufs = 0;    ///< since the transport last started or jumped
    double true_peak_dbtp = 0;     ///< since then
};

/// One meter at this moment.
struct MeterValue {
    std::string node;
    std::string name;              ///< channel or bus
    bool is_output = false;
    double peak_db = 0;            ///< dB of full scale; −∞ for silence
    double rms_db = 0;
    std::optional<LoudnessValue> loudness{};  ///< of a bus that measures it
};

/// All that can be asked of a running session: what the control socket, OSC and the full-screen view stand on.
/// Thread: the main loop's alone; callbacks come there too.
class SessionControl {
public:
    virtual ~SessionControl() = default;

    [[nodiscard]] virtual SessionStatus status() const = 0;
    /// Every live parameter in the order of the preset and of the tables.
    [[nodiscard]] virtual std::vector<ParameterValue> parameters() const = 0;
    [[nodiscard]] virtual std::vector<MeterValue> meters() const = 0;

    /// The error says what there is, with a suggestion.
    [[nodiscard]] virtual Expected<ParameterValue> get(std::string_view address) const = 0;
    /// `value` as a person writes it (`-3 dB`, `50 %`). The error says the range. On its way to the callback when it returns.
    virtual Expected<ParameterValue> set(std::string_view address, std::string_view value) = 0;
    /// The same in the parameter's own number.
    virtual Expected<ParameterValue> set_number(std::string_view address, double value) = 0;

    /// Called once, when the change has been heard (its frame has passed), or with what was in the way.
    using Done = std::function<void(Expected<void>)>;
    virtual void start(Done done) = 0;
    virtual void pause(Done done) = 0;
    virtual void seek(double seconds, Done done) = 0;
    /// Nothing: the loop ends.
    virtual void loop(std::optional<std::pair<double, double>> range_seconds, Done done) = 0;
    /// Writes changed parameters and links into the preset file. The answer says what was written, a line for each change.
    virtual Expected<std::vector<std::string>> save() = 0;
    /// Ends the session, with a fade.
    virtual void stop() = 0;

    // The session's main loop, for those that serve it.
    virtual void every(std::chrono::milliseconds period, std::function<void()> callback) = 0;
    virtual void watch(int fd, std::function<void()> callback) = 0;
    virtual void unwatch(int fd) = 0;
};

}  // namespace stemwire::session
