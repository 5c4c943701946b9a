// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/shared/shared_session.hpp"

#include "session/runtime_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <new>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace stemwire::session {

namespace {

using shared::Layout;
using shared::NodeRecord;

bool lives(std::uint32_t pid)
{
    return pid != 0 && (kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM);
}

std::uint64_t hash_of(const LiveParameters& live)
{
    std::string all;
    for (const LiveValue& value : live.all()) all += value.address() + "\n";
    return std::hash<std::string>()(all);
}

std::string why()
{
    return std::strerror(errno);
}

Layout* map(int file)
{
    void* memory = mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    return memory != MAP_FAILED ? static_cast<Layout*>(memory) : nullptr;
}

/// Of this build's layout, and as large.
bool fits(int file, const Layout* layout)
{
    struct stat status{};
    return layout != nullptr && fstat(file, &status) == 0 && static_cast<std::size_t>(status.st_size) >= sizeof(Layout) && layout->magic.load(std::memory_order_acquire) == shared::magic;
}

bool any_owner(const Layout& layout)
{
    const std::size_t count = std::min<std::size_t>(layout.node_count.load(), shared::most_nodes);
    return std::any_of(layout.nodes.begin(), layout.nodes.begin() + static_cast<std::ptrdiff_t>(count), [](const NodeRecord& record) { return SharedSession::owner(record).has_value(); });
}

/// What an owner said of itself, and who it is: stays when the records are laid out anew.
void keep(const NodeRecord& from, NodeRecord& to)
{
    to.owner = from.owner.load();
    to.cued_epoch = from.cued_epoch.load();
    to.latency = from.latency.load();
    to.tail = from.tail.load();
    to.end = from.end.load();
    to.end_known = from.end_known.load();
    to.has_end = from.has_end.load();
    to.missing_frames = from.missing_frames.load();
    to.buffered_seconds = from.buffered_seconds.load();
}

}  // namespace

Expected<std::string> SharedSession::path_of(const std::string& session)
{
    const auto folder = runtime_folder();
    if (!folder) return tl::unexpected(folder.error());
    return *folder + "/" + session + ".shared";
}

Expected<std::unique_ptr<SharedSession>> SharedSession::lead(const std::string& path)
{
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return failure(path + ": " + why());
    // Held while the leader lives; a child that inherits nothing holds nothing.
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        close(file);
        return failure("the session is led by another process");
    }
    Layout* layout = ftruncate(file, sizeof(Layout)) == 0 ? map(file) : nullptr;
    if (layout == nullptr) {
        close(file);
        return failure(path + ": " + why());
    }
    std::unique_ptr<SharedSession> session(new SharedSession(path, layout, file, true));
    session->taken_over_ = fits(file, layout) && any_owner(*layout);
    if (!session->taken_over_) {
        layout->magic.store(0);
        new (layout) Layout();
    }
    layout->leader.store(static_cast<std::uint32_t>(getpid()));
    layout->magic.store(shared::magic, std::memory_order_release);
    return session;
}

Expected<std::unique_ptr<SharedSession>> SharedSession::follow(const std::string& path)
{
    const int file = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) return failure("no such session runs");
    struct stat status{};
    const bool ours = fstat(file, &status) == 0 && status.st_uid == getuid() && static_cast<std::size_t>(status.st_size) >= sizeof(Layout);
    Layout* layout = ours ? map(file) : nullptr;
    if (layout == nullptr || !fits(file, layout) || !lives(layout->leader.load())) {
        if (layout != nullptr) munmap(layout, sizeof(Layout));
        close(file);
        return failure("no such session runs");
    }
    return std::unique_ptr<SharedSession>(new SharedSession(path, layout, file, false));
}

SharedSession::~SharedSession()
{
    release();
    if (leads_) {
        layout_->leader.store(0);
        // Followers play on, and a new leader finds them; without any, nothing is left behind.
        if (!any_owner(*layout_)) unlink(path_.c_str());
    }
    munmap(layout_, sizeof(Layout));
    close(file_);
}

bool SharedSession::leader_lives() const noexcept
{
    return lives(layout_->leader.load());
}

Expected<void> SharedSession::lay_out(const std::vector<Member>& members)
{
    if (members.size() > shared::most_nodes) return failure("a session of several processes has at most " + std::to_string(shared::most_nodes) + " nodes");
    std::vector<std::unique_ptr<NodeRecord>> before;
    const auto count = layout_->node_count.load();
    for (std::uint32_t index = 0; index < count; ++index) {
        before.push_back(std::make_unique<NodeRecord>());
        before.back()->name = layout_->nodes[index].name;
        keep(layout_->nodes[index], *before.back());
    }
    const auto generation = layout_->generation.load();
    layout_->generation.store(generation | 1, std::memory_order_release);
    std::uint32_t value = 0;
    std::uint32_t meter = 0;
    for (std::size_t index = 0; index < members.size(); ++index) {
        NodeRecord& record = *new (&layout_->nodes[index]) NodeRecord();
        const auto& [model, live] = members[index];
        if (model.name.size() >= shared::name_length) return failure("node " + model.name + ": its name is too long for a session of several processes");
        std::ranges::copy(model.name, record.name.begin());
        record.addresses = hash_of(live);
        record.first_value = value;
        record.values = static_cast<std::uint32_t>(live.all().size());
        record.first_meter = meter;
        record.meters = static_cast<std::uint32_t>(model.ports.inputs.size() + model.ports.outputs.size());
        value += record.values;
        meter += record.meters;
        if (value > shared::most_values || meter > shared::most_meters)
            return failure("the preset has too many parameters or meters for a session of several processes");
        for (const auto& old : before)
            if (old->name == record.name) keep(*old, record);
        write_values(record, live);
    }
    layout_->node_count.store(static_cast<std::uint32_t>(members.size()));
    layout_->generation.store((generation | 1) + 1, std::memory_order_release);
    return {};
}

NodeRecord* SharedSession::find(const std::string& node) const noexcept
{
    if (generation() % 2 != 0) return nullptr;
    const std::size_t count = std::min<std::size_t>(layout_->node_count.load(), shared::most_nodes);
    for (std::size_t index = 0; index < count; ++index)
        if (std::strncmp(layout_->nodes[index].name.data(), node.c_str(), shared::name_length) == 0) return &layout_->nodes[index];
    return nullptr;
}

std::span<shared::MeterRecord> SharedSession::meters(const NodeRecord& record) const noexcept
{
    const std::size_t first = std::min<std::size_t>(record.first_meter, shared::most_meters);
    return std::span(layout_->meters).subspan(first, std::min<std::size_t>(record.meters, shared::most_meters - first));
}

Expected<void> SharedSession::claim(NodeRecord& record)
{
    const auto self = static_cast<std::uint32_t>(getpid());
    std::uint32_t before = record.owner.load();
    if (before != self && lives(before)) return failure("node " + std::string(record.name.data()) + " is run by process " + std::to_string(before) + " already");
    if (!record.owner.compare_exchange_strong(before, self)) return failure("node " + std::string(record.name.data()) + " has just been taken by another process");
    // It runs once its own cycles are counted.
    if (before != self) record.cycles = 0;
    if (std::ranges::find(claimed_, &record) == claimed_.end()) claimed_.push_back(&record);
    return {};
}

void SharedSession::release() noexcept
{
    for (NodeRecord* record : claimed_) {
        auto self = static_cast<std::uint32_t>(getpid());
        record->owner.compare_exchange_strong(self, 0);
    }
    claimed_.clear();
}

std::optional<std::uint32_t> SharedSession::owner(const NodeRecord& record) noexcept
{
    const std::uint32_t pid = record.owner.load();
    return lives(pid) ? std::optional(pid) : std::nullopt;
}

void SharedSession::write_values(const NodeRecord& record, const LiveParameters& live) const noexcept
{
    if (record.values != live.all().size()) return;
    for (std::uint32_t index = 0; index < record.values; ++index) layout_->values[record.first_value + index].store(live.all()[index].get(), std::memory_order_relaxed);
}

void SharedSession::read_values(const NodeRecord& record, LiveParameters& live) const noexcept
{
    if (record.values != live.all().size() || record.addresses != hash_of(live)) return;
    for (std::uint32_t index = 0; index < record.values; ++index) live.all()[index].set(layout_->values[record.first_value + index].load(std::memory_order_relaxed));
}

}  // namespace stemwire::session
