// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <optional>
#include <string>

#include "preset/preset.hpp"
#include "session/loudness_gain.hpp"

namespace stemwire::session {

/// Keeps an edited song at its loudness: what is known is taken at once, else the song keeps its gain until it is measured, in a thread of its own.
/// Thread: control's.
class LoudnessFollower {
public:
    explicit LoudnessFollower(std::function<void(const std::string&)> say) : say_(std::move(say)) {}
    /// Gives up what is being measured, and waits for that.
    ~LoudnessFollower();
    LoudnessFollower(const LoudnessFollower&) = delete;
    LoudnessFollower& operator=(const LoudnessFollower&) = delete;

    /// Gives an edited preset its gain, or the one that `playing` has if its own must be measured first.
    void take(preset::Preset& next, const preset::Preset& playing);
    /// The latest edit with the gain that it was measured to need, once. To be called now and then.
    [[nodiscard]] std::optional<preset::Preset> take_measured();

private:
    using Measured = tl::expected<SongGain, Errors>;

    void measure();
    void say_all(const SongGain& song) const;

    std::function<void(const std::string&)> say_;
    std::optional<preset::Preset> edit_;       ///< the latest, as long as its gain is not known
    bool stale_ = false;                       ///< what is measured is not the latest edit
    std::atomic<bool> interrupted_{false};
    std::future<Measured> measured_;
};

}  // namespace stemwire::session
