// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "tests/host/pipewire/stage.hpp"
#include "tests/support/wav.hpp"

namespace stemwire::test {

/// Waits until something is so; false when it has not become so for very long.
inline bool wait_until(const std::function<bool()>& so)
{
    for (const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30); std::chrono::steady_clock::now() < give_up; std::this_thread::sleep_for(std::chrono::milliseconds(20)))
        if (so()) return true;
    return false;
}

/// What the null sink plays, heard on its monitor in every cycle by a node of the test's own: nothing between is buffered or dropped.
class Recording {
public:
    static constexpr std::size_t longest = 60 * 48'000;  ///< frames

    explicit Recording(const PrivatePipeWire& pipewire) : tape_(2, std::vector<float>(longest)), thread_([this, remote = pipewire.remote()] { record(remote); })
    {
        linked_ = wait_until([&] { return frames() > 0 && pipewire.linked("null-sink:monitor_FL", "tape.tape:input_FL") && pipewire.linked("null-sink:monitor_FR", "tape.tape:input_FR"); });
    }
    ~Recording() { over_ = true; }

    [[nodiscard]] bool linked() const { return linked_; }
    [[nodiscard]] std::size_t frames() const { return frames_.load(std::memory_order_acquire); }
    /// Cycles that it has missed so far.
    [[nodiscard]] std::uint64_t xruns() const { return xruns_.load(std::memory_order_relaxed); }
    /// Waits until this much more has been heard.
    [[nodiscard]] bool hears(std::size_t more) const
    {
        const std::size_t until = std::min(frames() + more, longest);
        return wait_until([&] { return frames() >= until; });
    }
    /// Whether anything but silence was heard since this frame.
    [[nodiscard]] bool sounds(std::size_t channel, std::size_t since) const
    {
        const std::vector<float>& heard = tape_[channel];
        return std::any_of(heard.begin() + static_cast<std::ptrdiff_t>(since), heard.begin() + static_cast<std::ptrdiff_t>(frames()), [](float sample) { return sample != 0.0f; });
    }
    /// Nothing where cycles were missed while it recorded, unless that does not matter: the machine was busy elsewhere.
    std::optional<Audio> stop(bool gaps_do_not_matter = false)
    {
        over_ = true;
        thread_.join();
        if (xruns_ > 0 && !gaps_do_not_matter) return std::nullopt;
        Audio audio;
        for (auto& channel : tape_) {
            channel.resize(frames());
            audio.channels.push_back(std::move(channel));
        }
        return audio;
    }

private:
    void record(const std::string& remote)
    {
        Stage stage(remote, "tape");
        const auto tape = stage.add("tape", stereo(true, false), [this](const Block& block) {
            const std::size_t at = frames_.load(std::memory_order_relaxed);
            const std::size_t count = std::min<std::size_t>(block.frames, longest - at);
            for (std::size_t channel = 0; channel < 2; ++channel) std::copy_n(block.inputs[channel], count, tape_[channel].begin() + static_cast<std::ptrdiff_t>(at));
            frames_.store(at + count, std::memory_order_release);
        });
        stage.listen(tape, pattern("null-sink", "monitor_*"));
        stage.build();
        const auto is_over = [&] {
            xruns_ = stage.host().xruns();
            return over_.load();
        };
        while (!over_) static_cast<void>(stage.until(is_over));
        static_cast<void>(is_over());
        stage.end();
    }

    std::vector<std::vector<float>> tape_;
    std::atomic<std::size_t> frames_{0};
    std::atomic<bool> over_{false};
    std::atomic<std::uint64_t> xruns_{0};
    bool linked_ = false;
    std::jthread thread_;
};

}  // namespace stemwire::test
