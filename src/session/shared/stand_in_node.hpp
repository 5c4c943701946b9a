// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include "session/session_control.hpp"
#include "session/shared/shared_layout.hpp"
#include "stemwire/node.hpp"

namespace stemwire::session {

/// Stands for a node that another process runs: has its parameters, and says of it what its owner says. While nobody owns it, it is in nobody's way.
class StandInNode : public Node {
public:
    using Node::Node;

    [[nodiscard]] std::uint32_t latency() const noexcept override;
    [[nodiscard]] Frames tail() const noexcept override;
    [[nodiscard]] bool cued(Epoch epoch) const noexcept override;
    [[nodiscard]] std::optional<Frames> end() const noexcept override;
    [[nodiscard]] bool end_known() const noexcept override;
    [[nodiscard]] std::uint64_t missing_frames() const noexcept override;
    [[nodiscard]] std::optional<double> buffered_seconds() const noexcept override;

    /// Takes over the meters that its owner publishes. Thread: control's.
    void refresh_meters();
    /// State and load, as its owner says. Thread: control's.
    void tell(NodeStatus& status) const;

protected:
    /// Where its owner says how it is; null: nowhere.
    [[nodiscard]] virtual const shared::NodeRecord* record() const noexcept = 0;
    /// Room for its meters, where there is a record.
    [[nodiscard]] virtual std::span<const shared::MeterRecord> meter_records() const noexcept = 0;
    /// The record, while its owner lives.
    [[nodiscard]] const shared::NodeRecord* owned() const noexcept;
};

/// Says of a node of ours what others are to know. Thread: control's.
void publish(Node& node, Epoch cued_epoch, shared::NodeRecord& record, std::span<shared::MeterRecord> meters) noexcept;

}  // namespace stemwire::session
