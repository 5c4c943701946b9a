// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "preset/preset.hpp"
#include "session/shared/shared_layout.hpp"
#include "stemwire/error.hpp"
#include "stemwire/live.hpp"

namespace stemwire::session {

/// The memory that the processes of one session share, a file in the user's runtime folder: readable and writable by that user alone.
/// Thread: control's, but for what Layout says is read elsewhere.
class SharedSession {
public:
    /// In the folder of running sessions; its errors.
    [[nodiscard]] static Expected<std::string> path_of(const std::string& session);
    /// Begins a session, or takes one over whose leader has gone and whose followers play on.
    [[nodiscard]] static Expected<std::unique_ptr<SharedSession>> lead(const std::string& path);
    /// Joins one that is led; the error says that none is.
    [[nodiscard]] static Expected<std::unique_ptr<SharedSession>> follow(const std::string& path);
    ~SharedSession();
    SharedSession(const SharedSession&) = delete;
    SharedSession& operator=(const SharedSession&) = delete;

    [[nodiscard]] shared::Layout& layout() const noexcept { return *layout_; }
    [[nodiscard]] bool leads() const noexcept { return leads_; }
    /// A leader that took over what plays.
    [[nodiscard]] bool taken_over() const noexcept { return taken_over_; }
    [[nodiscard]] bool leader_lives() const noexcept;

    /// Leader: lays out these nodes, with the values that they have; owners and what they say of themselves are kept by name. The error says what there is
    /// too much of.
    struct Member {
        const preset::NodeModel& model;
        const LiveParameters& live;
    };
    Expected<void> lay_out(const std::vector<Member>& members);
    /// A node's record; null where the leader has none of this name, or lays out anew just now.
    [[nodiscard]] shared::NodeRecord* find(const std::string& node) const noexcept;
    /// Room for a node's meters.
    [[nodiscard]] std::span<shared::MeterRecord> meters(const shared::NodeRecord& record) const noexcept;
    [[nodiscard]] std::uint64_t generation() const noexcept { return layout_->generation.load(std::memory_order_acquire); }

    /// Follower: makes a node its own. The error names the process that has it.
    Expected<void> claim(shared::NodeRecord& record);
    /// Gives back all that was claimed.
    void release() noexcept;
    /// The records have been laid out anew: what was claimed is to be claimed again where it lies now.
    void forget_claims() noexcept { claimed_.clear(); }
    /// The process that runs a node, if it lives.
    [[nodiscard]] static std::optional<std::uint32_t> owner(const shared::NodeRecord& record) noexcept;

    /// Leader: what its values are, for the owner. Follower: the other way.
    void write_values(const shared::NodeRecord& record, const LiveParameters& live) const noexcept;
    void read_values(const shared::NodeRecord& record, LiveParameters& live) const noexcept;

private:
    SharedSession(std::string path, shared::Layout* layout, int file, bool leads) : path_(std::move(path)), layout_(layout), file_(file), leads_(leads) {}

    std::string path_;
    shared::Layout* layout_;
    int file_;
    bool leads_;
    bool taken_over_ = false;
    std::vector<shared::NodeRecord*> claimed_;
};

}  // namespace stemwire::session
