// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <map>

#include <poll.h>

#include "preset/preset.hpp"
#include "session/session_control.hpp"

namespace stemwire::test {

/// A session without sound: two tracks and a mixer, whose transport obeys after one turn of its main loop.
class FakeSession : public session::SessionControl {
public:
    FakeSession()
    {
        values_ = {{"drums.gain", &gain_row, -3.0}, {"mix.drums.gain", &gain_row, 0.0}, {"mix.drums.mute", &flag_row, 0.0}, {"mix.drums.solo", &flag_row, 0.0},
                   {"mix.bass.gain", &gain_row, gain_off}, {"mix.bass.mute", &flag_row, 0.0}, {"mix.bass.solo", &flag_row, 0.0}, {"hall.predelay", &time_row, 0.02}};
    }

    /// One turn of the main loop: waits for a descriptor at most so long, calls back, and lets changes be heard.
    void turn(std::chrono::milliseconds patience = std::chrono::milliseconds(10))
    {
        std::vector<pollfd> waits;
        for (const auto& [descriptor, callback] : watched_) waits.push_back({descriptor, POLLIN, 0});
        ::poll(waits.data(), waits.size(), static_cast<int>(patience.count()));
        for (const pollfd& wait : waits) {
            if (wait.revents == 0 || !watched_.contains(wait.fd)) continue;
            const std::function<void()> callback = watched_.at(wait.fd);
            callback();
        }
        if (holds_back) return;
        for (Done& done : std::exchange(waiting_, {})) done({});
    }

    [[nodiscard]] session::SessionStatus status() const override
    {
        session::SessionStatus status;
        status.session = "band";
        status.preset = "/music/band.yaml";
        status.backend = "pipewire";
        status.server = "pipewire-0 0.3.65";
        status.rate_hz = 48000;
        status.quantum = 256;
        status.state = state;
        status.seconds = seconds;
        status.frame = static_cast<std::uint64_t>(std::llround(seconds * 48000));
        status.loop_seconds = loop_seconds;
        status.end_seconds = 200.0;
        status.xruns = 1;
        status.latest_xruns = {{480000, 10.0, 2, "mix", 6000.0, 5333.3}};
        status.nodes = {{"drums", "track", "running", 12.5, 40.0, 1000, 0, 0.8, 0}, {"bass", "track", "running", 11.5, 38.0, 1000, 0, 0.1, 256},
                        {"mix", "mixer", "running", 30.0, 6000.0, 1000, 64, {}, {}}};
        status.links = {{"band.drums:output_FL", "band.mix:drums_FL", "made"}, {"band.mix:main_FL", "speakers", "waiting"}};
        return status;
    }
    [[nodiscard]] std::vector<session::ParameterValue> parameters() const override { return values_; }
    [[nodiscard]] std::vector<session::MeterValue> meters() const override
    {
        return {{"mix", "drums", false, -6.0, -12.0}, {"mix", "bass", false, gain_off, gain_off}, {"mix", "main", true, 1.0, -9.0, loudness}};
    }

    [[nodiscard]] Expected<session::ParameterValue> get(std::string_view address) const override
    {
        const auto found = std::ranges::find(values_, address, &session::ParameterValue::address);
        if (found == values_.end()) return failure("there is no live parameter '" + std::string(address) + "'");
        return *found;
    }
    Expected<session::ParameterValue> set(std::string_view address, std::string_view value) override
    {
        const auto found = get(address);
        if (!found) return found;
        const auto number = preset::parse_number(*found->parameter, value);
        if (!number) return failure(std::string(address) + ": " + number.error().message);
        std::ranges::find(values_, address, &session::ParameterValue::address)->value = *number;
        return get(address);
    }
    Expected<session::ParameterValue> set_number(std::string_view address, double value) override
    {
        const auto found = get(address);
        return found ? set(address, preset::format_number(*found->parameter, value)) : found;
    }

    void start(Done done) override
    {
        state = session::TransportState::playing;
        waiting_.push_back(std::move(done));
    }
    void pause(Done done) override
    {
        state = session::TransportState::stopped;
        waiting_.push_back(std::move(done));
    }
    void seek(double to, Done done) override
    {
        seconds = to;
        waiting_.push_back(std::move(done));
    }
    void loop(std::optional<std::pair<double, double>> range, Done done) override
    {
        loop_seconds = range;
        waiting_.push_back(std::move(done));
    }
    Expected<std::vector<std::string>> save() override { return std::vector<std::string>{"drums.gain: -3 dB"}; }
    void stop() override { stopped = true; }

    void every(std::chrono::milliseconds, std::function<void()> callback) override { timers_.push_back(std::move(callback)); }
    void watch(int descriptor, std::function<void()> callback) override { watched_[descriptor] = std::move(callback); }
    void unwatch(int descriptor) override { watched_.erase(descriptor); }

    session::TransportState state = session::TransportState::playing;
    double seconds = 83.5;
    std::optional<std::pair<double, double>> loop_seconds;
    std::optional<session::LoudnessValue> loudness;  ///< of `mix main`
    bool stopped = false;
    bool holds_back = false;  ///< changes of the transport are not heard for now

private:
    static constexpr NamedValue off{"off", gain_off};
    static constexpr Parameter gain_row{.name = "gain", .kind = Kind::gain, .description = "how loud", .minimum = -120.0, .maximum = 24.0, .live = true, .named = {&off, 1}};
    static constexpr Parameter flag_row{.name = "mute", .kind = Kind::flag, .description = "silent", .live = true};
    static constexpr Parameter time_row{.name = "predelay", .kind = Kind::time, .description = "time before the first echo", .minimum = 0.0, .maximum = 1.0, .live = true};

    std::vector<session::ParameterValue> values_;
    std::vector<Done> waiting_;
    std::vector<std::function<void()>> timers_;
    std::map<int, std::function<void()>> watched_;
};

}  // namespace stemwire::test
