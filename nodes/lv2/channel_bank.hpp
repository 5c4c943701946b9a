// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nodes/lv2/instance.hpp"
#include "stemwire/live.hpp"
#include "stemwire/settings.hpp"
#include "stemwire/units.hpp"

namespace stemwire::nodes::lv2 {

/// How many instances a plugin needs for this many input channels: one where it has as many inputs, one for each channel where it is mono; nothing
/// where neither is so.
[[nodiscard]] std::optional<std::size_t> copies_for(const Plugin& plugin, std::size_t channels) noexcept;

/// A plugin over all channels of a node or a unit, its parameters following their live values. What is not finite, on its way in or out, counts
/// as silence. It rests when input and output have been silent for long.
class ChannelBank {
public:
    /// `settings` with the rows `uri`, `params` and `tail`, whose live values have addresses that begin with `address` ("" or "lv2."); the plugin
    /// is there and fits the channels. `live` must outlive it.
    ChannelBank(const Settings& settings, const LiveParameters& live, const std::string& address, std::size_t channels);

    /// Loads the plugin, with its latency by the live values as they are. Errors: it does not load. Guarantee: blocking. Never beside process.
    Expected<void> prepare(const InstanceOptions& options);
    /// Looks at the live values. Guarantee: wait-free.
    void follow() noexcept;
    /// `inputs`: every input channel, then the side chain's; they may be the same memory as the outputs. 1 … largest_run frames.
    /// Guarantee: that of the plugin.
    void process(std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t frames) noexcept;

    [[nodiscard]] std::uint32_t latency() const noexcept { return latency_; }
    /// What the settings say, else 5 s for what calls itself a reverb or a delay.
    [[nodiscard]] Frames tail() const noexcept;
    /// True while silence in gives silence out without the plugin. Any thread.
    [[nodiscard]] bool rests() const noexcept { return rests_.load(std::memory_order_relaxed); }
    /// The latency that the plugin says it has now, where that is another than it had when it was prepared. Any thread.
    [[nodiscard]] std::optional<std::uint32_t> other_latency() const noexcept;
    [[nodiscard]] const Plugin& plugin() const noexcept { return plugin_; }

private:
    struct Follower {
        const LiveValue* value;
        double seen;
    };

    Expected<void> find_latency();
    [[nodiscard]] bool take_inputs(std::span<const float* const> inputs, std::uint32_t frames) noexcept;
    void run(std::span<float* const> outputs, std::uint32_t frames) noexcept;

    const Plugin& plugin_;
    std::size_t copies_;
    std::optional<double> tail_s_;
    std::vector<Follower> followers_;                     ///< [row]
    InstanceOptions options_{};
    std::vector<std::unique_ptr<Instance>> instances_;    ///< [copy]
    std::vector<std::vector<float>> clean_;               ///< [input]: largest_run frames
    std::vector<std::vector<const float*>> inputs_of_;    ///< [copy][input of the plugin]
    std::uint32_t latency_ = 0;
    Frames silent_frames_ = 0;
    std::atomic<std::uint32_t> latency_now_{0};
    std::atomic<bool> rests_{false};
};

}  // namespace stemwire::nodes::lv2
