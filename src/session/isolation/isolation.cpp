// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/isolation/isolation.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace stemwire::session {

Company Isolation::company()
{
    return {.isolated = [this](const preset::NodeModel& model, std::shared_ptr<const std::string> preset_text) {
        return std::make_unique<IsolatedNode>(model, std::move(preset_text), *this);
    }};
}

void Isolation::tick()
{
    // What has left is ended outside of the lock: that takes its time.
    static_cast<void>(take_left());
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    for (Place& place : places_) {
        if (place.node == nullptr) continue;
        if (place.process) place.process->tick();
        else start(place);
        const pid_t process = place.process->pid(place.node->name());
        place.node->exchange(process != 0);
        end_if_it_hangs(place, process);
    }
}

void Isolation::end_if_it_hangs(Place& place, pid_t process)
{
    if (!place.hangs.look(place.memory->head(), process)) return;
    callbacks_.say("the process of " + place.node->name() + " hangs: it has done nothing for " + std::to_string(isolation::HangWatch::patience.count()) + " s");
    place.process->put_down(place.node->name());
}

std::vector<Isolation::Place> Isolation::take_left()
{
    const std::lock_guard lock(mutex_);
    const auto left = std::stable_partition(places_.begin(), places_.end(), [](const Place& place) { return place.node != nullptr; });
    std::vector<Place> taken(std::make_move_iterator(left), std::make_move_iterator(places_.end()));
    places_.erase(left, places_.end());
    return taken;
}

void Isolation::start(Place& place)
{
    Supervisor::Command command{.name = place.node->name(), .arguments = command_, .descriptor = place.memory->descriptor()};
    command.arguments.insert(command.arguments.end(), {"--node", command.name, "--line", std::to_string(command.descriptor)});
    place.process = std::make_unique<Supervisor>(callbacks_);
    place.process->run({command});
}

void Isolation::end()
{
    std::vector<Place> places;
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        places = std::exchange(places_, {});
    }
    places.clear();
}

void Isolation::enter(IsolatedNode& node, std::shared_ptr<isolation::LineMemory> memory)
{
    leave(node);
    const std::lock_guard lock(mutex_);
    places_.push_back({&node, std::move(memory)});
}

void Isolation::leave(const IsolatedNode& node)
{
    const std::lock_guard lock(mutex_);
    for (Place& place : places_)
        if (place.node == &node) place.node = nullptr;
}

}  // namespace stemwire::session
