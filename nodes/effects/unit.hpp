// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "dsp/control.hpp"
#include "stemwire/node.hpp"

namespace stemwire::nodes {

/// One unit of a chain. All channels have the same settings.
class EffectUnit {
public:
    virtual ~EffectUnit() = default;

    /// Allocates, takes the live values as they are, and forgets the past. Errors: what the unit needs is not to be had. Not realtime.
    virtual Expected<void> prepare(const Preparation& preparation, std::size_t channels) = 0;
    /// Looks at the live values: at a block's first frame. Guarantee: wait-free.
    virtual void follow() noexcept = 0;
    /// What arrives at the side chain during the next call of process, `[channel][frame]`. Guarantee: wait-free.
    virtual void hear(std::span<const float* const> sidechain) noexcept { static_cast<void>(sidechain); }
    /// In place. At most control_frames, none of which but the first is the first of a control step; `step`: the first one is. Guarantee:
    /// wait-free.
    virtual void process(std::span<float* const> channels, std::uint32_t frames, bool step) noexcept = 0;
    /// Becomes as it would be after an endless silence. Guarantee: wait-free.
    virtual void settle() noexcept = 0;

    [[nodiscard]] virtual std::uint32_t latency() const noexcept { return 0; }
    /// As Node::longest_cycle.
    [[nodiscard]] virtual std::uint32_t longest_cycle() const noexcept { return largest_quantum; }
    /// Frames that can be heard after the input has fallen silent, beyond the latency. Of the live values alone: any thread.
    [[nodiscard]] virtual Frames tail() const noexcept { return 0; }
    /// Frames of silence after which it is as `settle` would make it, as far as anyone can hear. Of the live values alone: any thread.
    [[nodiscard]] virtual Frames memory() const noexcept { return tail(); }
    /// Frames that were silent because a worker was late. Any thread.
    [[nodiscard]] virtual std::uint64_t missing_frames() const noexcept { return 0; }
};

/// The unit of these settings for so many channels, whose live values have addresses that begin with `address`. `live` must outlive it.
[[nodiscard]] std::unique_ptr<EffectUnit> make_unit(const Settings& settings, const LiveParameters& live, const std::string& address, std::size_t channels);

/// The same unit in a thread of its own, later by so many quanta of those that it is prepared for. `sidechain`: channels that it hears.
[[nodiscard]] std::unique_ptr<EffectUnit> make_offloaded(std::unique_ptr<EffectUnit> unit, std::uint32_t quanta, std::size_t sidechain);

/// The units that have files of their own.
[[nodiscard]] std::unique_ptr<EffectUnit> make_equalizer(const Settings& settings, const LiveParameters& live, const std::string& address);
[[nodiscard]] std::unique_ptr<EffectUnit> make_lv2_unit(const Settings& settings, const LiveParameters& live, const std::string& address,
                                                        std::size_t channels);

}  // namespace stemwire::nodes
