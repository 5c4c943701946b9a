// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/jack/jack_node.hpp"

#include <algorithm>

namespace stemwire::host {

JackNode::JackNode(std::unique_ptr<JackClient> own, JackClient* client, std::string prefix)
    : own_client_(std::move(own)), client_(own_client_ ? own_client_.get() : client), prefix_(std::move(prefix))
{
}

Expected<std::unique_ptr<JackNode>> JackNode::make(const HostedNode& hosted, JackClient* common, const JackClient::Shared& shared, bool open)
{
    std::unique_ptr<JackClient> own;
    if (common == nullptr) {
        auto client = JackClient::open(hosted.graph_name, JackClient::Role::plays, shared);
        if (!client) return tl::unexpected(client.error());
        own = std::move(*client);
    }
    const std::string part = hosted.graph_name.substr(hosted.graph_name.find('.') + 1);
    std::unique_ptr<JackNode> node(new JackNode(std::move(own), common, common != nullptr ? part + "/" : ""));
    if (auto added = node->add(hosted.inputs, true, open); !added) return tl::unexpected(added.error());
    if (auto added = node->add(hosted.outputs, false, open); !added) return tl::unexpected(added.error());
    return node;
}

JackNode::~JackNode()
{
    if (own_client_) own_client_->end();
}

Expected<void> JackNode::add(const std::vector<HostedPort>& ports, bool is_input, bool open)
{
    for (const HostedPort& port : ports) {
        if (ports_.contains({is_input, port.name})) continue;
        auto made = client_->add_port(prefix_ + port.name, is_input, open);
        if (!made) return tl::unexpected(made.error());
        ports_[{is_input, port.name}] = std::move(*made);
    }
    return {};
}

Expected<void> JackNode::grow(const HostedNode& hosted)
{
    if (auto added = add(hosted.inputs, true, false); !added) return added;
    return add(hosted.outputs, false, false);
}

bool JackNode::has(const HostedNode& hosted, const PortKey& key)
{
    return std::ranges::find(key.first ? hosted.inputs : hosted.outputs, key.second, &HostedPort::name) != (key.first ? hosted.inputs : hosted.outputs).end();
}

std::vector<std::shared_ptr<JackPort>> JackNode::ports_beyond(const HostedNode& hosted) const
{
    std::vector<std::shared_ptr<JackPort>> beyond;
    for (const auto& [key, port] : ports_)
        if (!has(hosted, key)) beyond.push_back(port);
    return beyond;
}

std::vector<std::shared_ptr<JackPort>> JackNode::ports() const
{
    return ports_beyond({});
}

void JackNode::shrink(const HostedNode& hosted)
{
    std::erase_if(ports_, [&](const auto& entry) { return !has(hosted, entry.first); });
}

OwnPorts JackNode::names(const HostedNode& hosted) const
{
    OwnPorts names{hosted.graph_name, {}, {}};
    for (const HostedPort& port : hosted.inputs) names.inputs.push_back(ports_.at({true, port.name})->name());
    for (const HostedPort& port : hosted.outputs) names.outputs.push_back(ports_.at({false, port.name})->name());
    return names;
}

std::vector<std::shared_ptr<JackPort>> JackNode::by_slot(const std::vector<HostedPort>& ports, bool is_input) const
{
    std::vector<std::shared_ptr<JackPort>> slots;
    for (const HostedPort& port : ports) {
        if (port.slot >= slots.size()) slots.resize(port.slot + 1);
        slots[port.slot] = ports_.at({is_input, port.name});
    }
    return slots;
}

JackShift JackNode::shift(const HostedNode& hosted) const
{
    JackShift shift{hosted.runner, cycles_, by_slot(hosted.inputs, true), by_slot(hosted.outputs, false), {}, {}};
    shift.input_buffers.resize(shift.inputs.size());
    shift.output_buffers.resize(shift.outputs.size());
    return shift;
}

JackLatencies::Node JackNode::latencies(const HostedNode& hosted) const
{
    JackLatencies::Node node{.inputs = {}, .outputs = {}, .frames = hosted.latency};
    for (const HostedPort& port : hosted.inputs) node.inputs.push_back(ports_.at({true, port.name})->handle());
    for (const HostedPort& port : hosted.outputs) node.outputs.push_back(ports_.at({false, port.name})->handle());
    return node;
}

}  // namespace stemwire::host
