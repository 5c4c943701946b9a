// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "session/instance.hpp"
#include "session/isolation/hang_watch.hpp"
#include "session/isolation/isolated_node.hpp"
#include "session/supervisor.hpp"

namespace stemwire::session {

/// The processes of a session's isolated nodes: each node that is prepared gets one, which lives as long as the node, and is started again when it dies; one that hangs is
/// ended.
/// Thread: control's, but for what says otherwise.
class Isolation {
public:
    /// `command` begins a process; what it shall be is put behind.
    Isolation(std::vector<std::string> command, Supervisor::Callbacks callbacks) : command_(std::move(command)), callbacks_(std::move(callbacks)) {}
    ~Isolation() { end(); }

    /// What an instance needs to know of it.
    [[nodiscard]] Company company();
    /// Starts processes that are wanted and ends those that are not; exchanges parameters and levels with them. A few times a second, or every few
    /// milliseconds while something is on its way.
    void tick();
    /// Ends all processes, in order, and starts no more.
    void end();

    /// From now on the node's process works on this line, and no other. Thread: any.
    void enter(IsolatedNode& node, std::shared_ptr<isolation::LineMemory> memory);
    /// Thread: any.
    void leave(const IsolatedNode& node);

private:
    struct Place {
        IsolatedNode* node;  ///< null: it has left
        std::shared_ptr<isolation::LineMemory> memory;
        std::unique_ptr<Supervisor> process{};
        isolation::HangWatch hangs{};
    };
    [[nodiscard]] std::vector<Place> take_left();
    void start(Place& place);
    void end_if_it_hangs(Place& place, pid_t process);

    std::vector<std::string> command_;
    Supervisor::Callbacks callbacks_;
    std::mutex mutex_;           ///< nodes come and go where edits are built
    std::vector<Place> places_;
    bool ended_ = false;
};

}  // namespace stemwire::session
