// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace stemwire::host {

/// Lets a port's sound through or not, and fades between the two. Control says which, the data loop does it and says how far it is.
/// Guarantee: wait-free.
class Gate {
public:
    explicit Gate(bool open) noexcept : open_(open), level_(open ? 1.0f : 0.0f), gain_(open ? 1.0f : 0.0f) {}

    // Control's side.
    void set_open(bool open) noexcept { open_.store(open, std::memory_order_relaxed); }
    [[nodiscard]] bool wants_open() const noexcept { return open_.load(std::memory_order_relaxed); }
    [[nodiscard]] bool closed() const noexcept { return level_.load(std::memory_order_acquire) <= 0.0f; }
    [[nodiscard]] bool settled() const noexcept { return level_.load(std::memory_order_acquire) == (wants_open() ? 1.0f : 0.0f); }

    // The data loop's side.
    /// True where the sound goes through as it is.
    [[nodiscard]] bool passes() const noexcept { return gain_ >= 1.0f && wants_open(); }
    /// `to` may be `from`; `fade_frames` is the length of a fade from end to end.
    void run(const float* from, float* to, std::uint32_t frames, float fade_frames) noexcept
    {
        const float step = (wants_open() ? 1.0f : -1.0f) / fade_frames;
        for (std::uint32_t i = 0; i < frames; ++i) {
            gain_ = std::clamp(gain_ + step, 0.0f, 1.0f);
            to[i] = from[i] * gain_;
        }
        level_.store(gain_, std::memory_order_release);
    }
    /// Where nothing sounds there is nothing to fade.
    void jump() noexcept
    {
        gain_ = wants_open() ? 1.0f : 0.0f;
        level_.store(gain_, std::memory_order_release);
    }

private:
    std::atomic<bool> open_;
    std::atomic<float> level_;  ///< the gain as control sees it
    float gain_;
};

}  // namespace stemwire::host
