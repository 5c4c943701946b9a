// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/clock_map.hpp"
#include "session/instance.hpp"
#include "session/shared/shared_session.hpp"

namespace stemwire::session {

/// Whether a preset has nodes of these names; the error suggests what was meant.
[[nodiscard]] Expected<void> check_names(const preset::Preset& preset, const std::vector<std::string>& names);

/// The processes that run one preset together, each some of its nodes: one leads, the others follow its transport, clock and parameters. A preset that is
/// run whole has none of this.
/// Thread: control's.
class Members {
public:
    /// Follows where the session is led already, and else leads. `own`: nodes to run here, at least one; `say`: one line for the user.
    [[nodiscard]] static Expected<std::unique_ptr<Members>> join(const std::string& session, std::vector<std::string> own, std::function<void(const std::string&)> say);

    [[nodiscard]] bool leads() const noexcept { return shared_->leads(); }
    /// What an instance needs to know of it.
    [[nodiscard]] Company company();
    [[nodiscard]] host::SharedClock clock() noexcept { return {&shared_->layout().clock, leads() ? host::SharedClock::Role::leads : host::SharedClock::Role::follows}; }
    /// What the transport did when this leader took over from another; nothing where it began the session.
    [[nodiscard]] std::optional<rt::TransportChange> taken_over() const;

    /// Once nodes are made, and after an edit: the leader lays out what all share; each makes its nodes its own.
    Expected<void> settle(const Instance& instance);
    /// Leader: all are to get ready for this.
    void cue(const Cue& cue, double rate_hz, std::uint32_t quantum);
    /// Follower: what there is to get ready for.
    [[nodiscard]] shared::CueRecord latest_cue() const { return shared_->layout().cue.get(); }
    /// Exchanges parameters, levels and states with the others; a few times a second, or every few milliseconds while something is on its way.
    void tick(const Instance& instance);

private:
    Members(std::unique_ptr<SharedSession> shared, std::vector<std::string> own, std::function<void(const std::string&)> say)
        : shared_(std::move(shared)), own_(std::move(own)), say_(std::move(say))
    {
    }
    [[nodiscard]] bool is_own(const preset::NodeModel& model) const;
    Expected<void> claim(const preset::Preset& preset);

    std::unique_ptr<SharedSession> shared_;
    std::vector<std::string> own_;
    std::function<void(const std::string&)> say_;
    std::uint64_t generation_ = 0;   ///< follower: that its claims belong to
};

}  // namespace stemwire::session
