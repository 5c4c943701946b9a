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
        place.node->exchange(place.process->pid(place.node->name()) != 0);
    }
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
    places_.push_back({&node, std::move(memory), nullptr});
}

void Isolation::leave(const IsolatedNode& node)
{
    const std::lock_guard lock(mutex_);
    for (Place& place : places_)
        if (place.node == &node) place.node = nullptr;
}

}  // namespace stemwire::session
