// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/shared/shared_session.hpp"
#include "stemwire/node.hpp"

namespace stemwire::session {

/// Stands for a node that another process runs: has its parameters, and says of it what its owner says. Never processes. While nobody owns it, it is in
/// nobody's way.
class RemoteNode final : public Node {
public:
    /// The session outlives it.
    RemoteNode(const preset::NodeModel& model, const SharedSession& session) : Node(model.settings), name_(model.name), session_(session) {}

    Expected<void> prepare(const Preparation&) override { return {}; }
    void process(const Block& block) noexcept override STEMWIRE_ON(audio_thread);

    [[nodiscard]] std::uint32_t latency() const noexcept override;
    [[nodiscard]] Frames tail() const noexcept override;
    [[nodiscard]] bool cued(Epoch epoch) const noexcept override;
    [[nodiscard]] std::optional<Frames> end() const noexcept override;
    [[nodiscard]] bool end_known() const noexcept override;
    [[nodiscard]] std::uint64_t missing_frames() const noexcept override;
    [[nodiscard]] std::optional<double> buffered_seconds() const noexcept override;

    /// Takes over the meters that its owner publishes. Thread: control's.
    void refresh_meters();

private:
    [[nodiscard]] const shared::NodeRecord* owned() const noexcept;

    std::string name_;
    const SharedSession& session_;
};

/// Says of a node of ours what others are to know. Thread: control's.
void publish(Node& node, Epoch cued_epoch, SharedSession& session, shared::NodeRecord& record) noexcept;

}  // namespace stemwire::session
