// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/members.hpp"

#include <algorithm>

#include "session/shared/remote_node.hpp"

namespace stemwire::session {

Expected<void> check_names(const preset::Preset& preset, const std::vector<std::string>& names)
{
    std::vector<std::string_view> known;
    for (const preset::NodeModel& node : preset.nodes) known.push_back(node.name);
    for (const std::string& name : names) {
        if (std::ranges::find(known, name) != known.end()) continue;
        const auto near = preset::nearest(name, known);
        return failure("--node " + name + ": the preset has no node of this name" + (near ? " (did you mean '" + std::string(*near) + "'?)" : ""));
    }
    return {};
}

Expected<std::unique_ptr<Members>> Members::join(const std::string& session, std::vector<std::string> own, std::function<void(const std::string&)> say)
{
    const auto path = SharedSession::path_of(session);
    if (!path) return tl::unexpected(path.error());
    auto shared = SharedSession::follow(*path);
    if (!shared) shared = SharedSession::lead(*path);
    if (!shared) return failure("session " + session + ": " + shared.error().message);
    return std::unique_ptr<Members>(new Members(std::move(*shared), std::move(own), std::move(say)));
}

bool Members::is_own(const preset::NodeModel& model) const
{
    return std::ranges::find(own_, model.name) != own_.end();
}

Company Members::company()
{
    return {.stand_in = [this](const preset::NodeModel& model) -> std::unique_ptr<Node> { return is_own(model) ? nullptr : std::make_unique<RemoteNode>(model, *shared_); },
            .transport = &shared_->layout().schedule};
}

std::optional<rt::TransportChange> Members::taken_over() const
{
    return shared_->taken_over() ? std::optional(shared_->layout().schedule.next()) : std::nullopt;
}

Expected<void> Members::settle(const Instance& instance)
{
    if (leads()) {
        std::vector<SharedSession::Member> members;
        for (std::size_t index = 0; index < instance.runners().size(); ++index) members.push_back({instance.preset().nodes[index], instance.runners()[index]->node().live()});
        if (auto laid_out = shared_->lay_out(members); !laid_out) return laid_out;
    }
    return claim(instance.preset());
}

Expected<void> Members::claim(const preset::Preset& preset)
{
    shared_->forget_claims();
    generation_ = shared_->generation();
    for (const preset::NodeModel& model : preset.nodes) {
        // Where there is none, the leader has not read the preset again yet.
        shared::NodeRecord* record = is_own(model) ? shared_->find(model.name) : nullptr;
        if (record == nullptr) continue;
        if (auto claimed = shared_->claim(*record); !claimed) return claimed;
    }
    return {};
}

void Members::cue(const Cue& cue, double rate_hz, std::uint32_t quantum)
{
    shared_->layout().cue.set({cue, rate_hz, quantum});
}

void Members::tick(const Instance& instance)
{
    if (generation_ != shared_->generation() && shared_->generation() % 2 == 0) {
        if (auto claimed = claim(instance.preset()); !claimed) say_(claimed.error().message);
    }
    const Epoch epoch = latest_cue().cue.epoch;
    for (std::size_t index = 0; index < instance.runners().size(); ++index) {
        Node& node = instance.runners()[index]->node();
        shared::NodeRecord* record = shared_->find(instance.preset().nodes[index].name);
        if (record == nullptr) continue;
        if (instance.is_elsewhere(index)) {
            if (leads()) shared_->write_values(*record, node.live());
            static_cast<RemoteNode&>(node).refresh_meters();
            continue;
        }
        if (!leads()) shared_->read_values(*record, node.live());
        publish(node, epoch, *record, shared_->meters(*record));
        const host::Load load = instance.runners()[index]->load();
        record->load_mean_us.store(load.mean_us, std::memory_order_relaxed);
        record->load_worst_us.store(load.worst_us, std::memory_order_relaxed);
        record->cycles.store(load.cycles, std::memory_order_relaxed);
    }
}

}  // namespace stemwire::session
