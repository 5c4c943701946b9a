// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "host/offline/offline_host.hpp"

namespace stemwire::host {

/// Something that does its blocks one after the other: a node, an input, an output. While `busy`, it belongs to the worker that
/// took it; `done` and `busy` are guarded by the scheduler's lock.
struct OfflineHost::Actor {
    using Work = std::function<Expected<bool>(Frames clock, std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t frames)>;

    /// What feeds an input port; `late`: with the block before.
    struct Source {
        Actor* actor;
        std::uint32_t port;
        bool late;
    };
    struct Neighbour {
        Actor* actor;
        bool late;
    };

    /// Blocks that an output keeps for listeners that lag behind.
    static constexpr std::uint64_t depth = 4;

    /// `batch`: blocks that it does in one go, by which `depth` can be divided.
    Actor(std::size_t inputs, std::size_t outputs, std::uint32_t block, Work work, std::uint32_t batch = 1);

    void add_source(std::uint32_t port, Source source);
    /// Does no block before this one has done it.
    [[nodiscard]] bool has_outputs() const { return !ring_.empty(); }
    void wait_for(Actor& other) { needs_.push_back({&other, false}); }
    /// True when all that its next batch needs is there, and nobody still needs what it will write over.
    [[nodiscard]] bool ready() const;
    /// Does its next batch; the caller counts `done` up by it.
    Expected<bool> run();
    [[nodiscard]] std::uint32_t batch() const { return batch_; }

    std::uint64_t done = 0;
    bool busy = false;
    bool finished = false;   ///< an output that wants no more; it goes on without effect, so that nobody waits for it
    std::uint64_t finished_at = 0;  ///< of an output: blocks done when it had all it wants
    double cpu_seconds = 0;  ///< guarded like `done`

private:
    [[nodiscard]] const float* gather(std::size_t port, std::uint64_t block);
    [[nodiscard]] const float* source_block(const Source& source, std::uint64_t block) const;

    std::uint32_t block_;
    std::uint32_t batch_;
    Work work_;
    std::vector<std::vector<Source>> sources_;  ///< [input port]
    std::vector<Neighbour> needs_;
    std::vector<Neighbour> listeners_;
    std::vector<std::vector<float>> ring_;      ///< [output port][slot · block + frame]
    std::vector<std::vector<float>> sums_;      ///< [input port][frame], where several sources are summed
    std::vector<const float*> inputs_;
    std::vector<float*> outputs_;
};

}  // namespace stemwire::host
