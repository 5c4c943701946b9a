// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "preset/preset.hpp"
#include "session/isolation/line_sender.hpp"
#include "session/shared/stand_in_node.hpp"

namespace stemwire::session {

class Isolation;

/// A node whose work is done by a process of its own, one quantum late. Whatever becomes of that process, a cycle is never held up: what is not there
/// is silence, and counted.
class IsolatedNode final : public StandInNode {
public:
    /// `isolation` outlives it, and runs its process from prepare on.
    IsolatedNode(const preset::NodeModel& model, std::shared_ptr<const std::string> preset_text, Isolation& isolation);
    ~IsolatedNode() override;

    Expected<void> prepare(const Preparation& preparation) override;
    void process(const Block& block) noexcept override STEMWIRE_ON(audio_thread) { sender_.process(block); }

    /// The line's, and the node's own once its process has said it.
    [[nodiscard]] std::uint32_t latency() const noexcept override;
    [[nodiscard]] std::uint32_t longest_cycle() const noexcept override { return memory_->shape().latency; }
    [[nodiscard]] std::uint64_t missing_frames() const noexcept override { return StandInNode::missing_frames() + sender_.missing_frames(); }
    void hear_late(Frames frames) noexcept override { memory_->head().late.store(frames, std::memory_order_relaxed); }
    void cue(const Cue& cue) override;
    /// A process that has died holds nobody up; one that is on its way for the first time is waited for.
    [[nodiscard]] bool cued(Epoch epoch) const noexcept override;

    // Isolation's.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// Tells the process the parameters, and takes over its meters; `comes`: there is a process. Thread: control's.
    void exchange(bool comes);

private:
    [[nodiscard]] const shared::NodeRecord* record() const noexcept override { return memory_ ? &memory_->head().record : nullptr; }
    [[nodiscard]] std::span<const shared::MeterRecord> meter_records() const noexcept override { return memory_->meters(); }

    std::string name_;
    std::uint32_t inputs_;
    std::uint32_t outputs_;
    std::shared_ptr<const std::string> preset_text_;
    Isolation& isolation_;
    std::shared_ptr<isolation::LineMemory> memory_;  ///< since prepare
    isolation::LineSender sender_;
    std::uint64_t cues_ = 0;
    std::atomic<bool> comes_{true};                  ///< a process is there, or about to be
};

}  // namespace stemwire::session
