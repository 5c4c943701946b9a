// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "nodes/lv2/features.hpp"
#include "nodes/lv2/plugin.hpp"
#include "nodes/lv2/worker.hpp"
#include "stemwire/error.hpp"

namespace stemwire::nodes::lv2 {

struct InstanceOptions {
    double rate_hz;
    std::uint32_t largest_run;   ///< frames
    std::uint32_t usual_run;
    bool offline;
};

/// One plugin at work: its ports' buffers, its worker, its default state. Made and destroyed off the realtime side.
class Instance {
public:
    /// Activated, and with the plugin's default state restored. Errors: the plugin does not load. Guarantee: blocking.
    [[nodiscard]] static Expected<std::unique_ptr<Instance>> make(const Plugin& plugin, const InstanceOptions& options);
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    /// A parameter, by the number of its row, in its row's own number. Guarantee: wait-free.
    void set(std::size_t row, double value) noexcept;
    /// `inputs`: its audio inputs and then its side chain's, `outputs`: its audio outputs, `[channel][frame]`, all apart. 1 … largest_run frames.
    /// Guarantee: that of the plugin, which is wait-free where it says so (lv2:hardRTCapable). Thread: one at a time.
    void run(std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t frames) noexcept;
    /// Frames, as the plugin said at the end of the last run; 0 where it says nothing.
    [[nodiscard]] std::uint32_t latency() const noexcept;

private:
    Instance(const Plugin& plugin, const InstanceOptions& options);
    [[nodiscard]] bool instantiate();
    void restore_defaults();
    void connect_controls();
    void begin_messages() noexcept;

    const Plugin& plugin_;
    InstanceOptions options_;
    World& world_;
    Worker worker_;
    Features features_;
    std::vector<float> controls_;                    ///< [port]
    std::vector<std::size_t> parameter_ports_;       ///< [row]
    std::vector<std::vector<std::uint64_t>> atoms_;  ///< [port], 8 bytes aligned; empty for all other ports
    std::vector<float> zeros_;                       ///< largest_run frames, which nobody writes
    std::vector<float> unheard_;                     ///< as many, which nobody reads
    LV2_URID sequence_;
    LV2_URID chunk_;
    InstancePointer lilv_;
};

}  // namespace stemwire::nodes::lv2
