// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/shared/shared_session.hpp"
#include "session/shared/stand_in_node.hpp"

namespace stemwire::session {

/// Stands for a node that another process of the session runs, and has on the graph. Never processes.
class RemoteNode final : public StandInNode {
public:
    /// The session outlives it.
    RemoteNode(const preset::NodeModel& model, const SharedSession& session) : StandInNode(model.settings), name_(model.name), session_(session) {}

    Expected<void> prepare(const Preparation&) override { return {}; }
    void process(const Block& block) noexcept override STEMWIRE_ON(audio_thread);

private:
    [[nodiscard]] const shared::NodeRecord* record() const noexcept override { return session_.find(name_); }
    [[nodiscard]] std::span<const shared::MeterRecord> meter_records() const noexcept override;

    std::string name_;
    const SharedSession& session_;
};

}  // namespace stemwire::session
