// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/clock_map.hpp"
#include "session/instance.hpp"
#include "session/session_control.hpp"
#include "session/shared/shared_session.hpp"
#include "session/supervisor.hpp"

namespace stemwire::session {

/// Whether a preset has nodes of these names; the error suggests what was meant.
[[nodiscard]] Expected<void> check_names(const preset::Preset& preset, const std::vector<std::string>& names);

/// The processes that run one preset together: one leads, and starts those of isolated nodes; others follow its transport, clock and parameters. A preset
/// without isolated nodes that is run whole has one process, and none of this.
/// Thread: control's.
class Members {
public:
    struct Options {
        std::vector<std::string> own;      ///< nodes to run here; empty: all that are not isolated
        std::vector<std::string> command;  ///< runs the same preset in another process, without saying which nodes
        Supervisor::Callbacks callbacks;
    };
    /// Whether the session of who runs these nodes (empty: all) has more than one process.
    [[nodiscard]] static bool needed(const preset::Preset& preset, const std::vector<std::string>& own);
    /// Null where the session has one process. Who asks for some nodes follows where the session is led already, and else leads.
    [[nodiscard]] static Expected<std::unique_ptr<Members>> join(const preset::Preset& preset, Options options);

    [[nodiscard]] bool leads() const noexcept { return shared_->leads(); }
    /// What an instance needs to know of it.
    [[nodiscard]] Company company();
    [[nodiscard]] host::SharedClock clock() noexcept { return {&shared_->layout().clock, leads() ? host::SharedClock::Role::leads : host::SharedClock::Role::follows}; }
    /// What the transport did when this leader took over from another; nothing where it began the session.
    [[nodiscard]] std::optional<rt::TransportChange> taken_over() const;

    /// Once nodes are made, and after an edit: the leader lays out what all share and starts isolated nodes; a follower makes its nodes its own.
    Expected<void> settle(const Instance& instance);
    /// Leader: all are to get ready for this.
    void cue(const Cue& cue, double rate_hz, std::uint32_t quantum);
    /// Follower: what there is to get ready for.
    [[nodiscard]] shared::CueRecord latest_cue() const { return shared_->layout().cue.get(); }
    /// Exchanges parameters, levels and states with the others; a few times a second, or every few milliseconds while something is on its way.
    void tick(const Instance& instance);
    /// Ends the processes of isolated nodes. The main loop still lives.
    void end() { supervisor_.run({}); }
    /// How a node is that another process runs: state and load, as its owner says.
    void tell(NodeStatus& status) const;

private:
    Members(std::unique_ptr<SharedSession> shared, Options options) : shared_(std::move(shared)), options_(std::move(options)), supervisor_(options_.callbacks) {}
    [[nodiscard]] bool is_own(const preset::NodeModel& model) const;
    Expected<void> claim(const preset::Preset& preset);
    void start_isolated(const preset::Preset& preset);

    std::unique_ptr<SharedSession> shared_;
    Options options_;
    std::uint64_t generation_ = 0;   ///< follower: that its claims belong to
    Supervisor supervisor_;          ///< before what the processes share goes
};

}  // namespace stemwire::session
