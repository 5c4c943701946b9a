// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/filter_node.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <spa/pod/builder.h>

#include "host/pipewire/blocked_signals.hpp"
#include "host/pipewire/data_loop.hpp"
#include "host/pipewire/filter_ports.hpp"
#include "host/pipewire/library.hpp"

namespace stemwire::host {

namespace {

/// A node is on its connection's data loop, however many the library has: nodes share their cycle (SessionClock) and wake each other.
pw_properties* node_properties(const HostedNode& node, const std::string& latency, const std::string& loop)
{
    pw_properties* properties = pw_properties_new(PW_KEY_NODE_NAME, node.graph_name.c_str(), PW_KEY_NODE_DESCRIPTION, node.description.c_str(),
                                                  PW_KEY_MEDIA_TYPE, "Audio", PW_KEY_MEDIA_CATEGORY, "Filter", PW_KEY_MEDIA_ROLE, "DSP",
                                                  PW_KEY_APP_NAME, "stemwire", nullptr);
    if (!latency.empty()) pw_properties_set(properties, PW_KEY_NODE_LATENCY, latency.c_str());
    if (!loop.empty()) pw_properties_set(properties, "node.loop.name", loop.c_str());
    return properties;
}

pw_properties* port_properties(const std::string& node, const std::string& port, Position position)
{
    return pw_properties_new(PW_KEY_FORMAT_DSP, "32 bit float mono audio", PW_KEY_PORT_NAME, port.c_str(), PW_KEY_PORT_ALIAS,
                             (node + ":" + port).c_str(), PW_KEY_AUDIO_CHANNEL, std::string(to_string(position)).c_str(), nullptr);
}

/// Since 0.3.68 (a6497839b) pw_filter_remove_port takes a port from its list before it waits for the data loop, and frees it afterwards.
bool frees_ports_late()
{
    static const bool late = library_version() >= std::array{0, 3, 68};
    return late;
}

}  // namespace

const pw_filter_events& FilterNode::events()
{
    static const pw_filter_events events = [] {
        pw_filter_events table{};
        table.version = PW_VERSION_FILTER_EVENTS;
        table.state_changed = [](void* data, pw_filter_state, pw_filter_state state, const char* error) {
            auto& self = *static_cast<FilterNode*>(data);
            if (state == PW_FILTER_STATE_ERROR) self.error_ = error != nullptr ? error : "unknown error";
            self.shared_.changed();
        };
        table.io_changed = [](void* data, void* port, std::uint32_t id, void* area, std::uint32_t) {
            if (port == nullptr && id == SPA_IO_Position) static_cast<FilterNode*>(data)->position_ = static_cast<const spa_io_position*>(area);
        };
        table.param_changed = [](void* data, void* port, std::uint32_t id, const spa_pod* param) {
            auto& self = *static_cast<FilterNode*>(data);
            if (param == nullptr) return;
            if (port != nullptr && id == SPA_PARAM_Latency) self.heard_latency(**static_cast<Port**>(port), *param);
            if (port == nullptr && id == SPA_PARAM_Props)
                self.parameters_.read(*param, [&](const std::string& address, double value) { self.shared_.wish(self.node_.graph_name, address, value); });
        };
        table.process = [](void* data, spa_io_position* position) { static_cast<FilterNode*>(data)->process(position); };
        return table;
    }();
    return events;
}

FilterNode::FilterNode(const HostedNode& node, Shared& shared) : node_(node), parameters_(node.parameters), shared_(shared) {}

Expected<std::unique_ptr<FilterNode>> FilterNode::make(const HostedNode& node, Shared& shared, bool silent)
{
    std::unique_ptr<FilterNode> made(new FilterNode(node, shared));
    if (auto connected = made->connect(silent); !connected) return failure("node " + node.graph_name + ": " + connected.error().message);
    return made;
}

Expected<void> FilterNode::connect(bool silent)
{
    const BlockedSignals guard;
    filter_ = pw_filter_new(shared_.connection.core(), node_.description.c_str(), node_properties(node_, shared_.latency, shared_.connection.data_loop_name()));
    if (filter_ == nullptr) return failure(std::strerror(errno));
    pw_filter_add_listener(filter_, listener_.get(), &events(), this);
    if (!add_ports(SPA_DIRECTION_INPUT, node_.inputs, true) || !add_ports(SPA_DIRECTION_OUTPUT, node_.outputs, !silent))
        return failure("its ports cannot be made");
    seat();
    publish_latency(SPA_DIRECTION_INPUT);
    publish_latency(SPA_DIRECTION_OUTPUT);
    Pods described = parameters_.describe();
    const auto flags = static_cast<pw_filter_flags>(PW_FILTER_FLAG_RT_PROCESS | PW_FILTER_FLAG_CUSTOM_LATENCY);
    if (const int result = pw_filter_connect(filter_, flags, described.data(), described.size()); result < 0) return failure(std::strerror(-result));
    return {};
}

FilterNode::~FilterNode()
{
    if (filter_ == nullptr) return;
    // In this order: up to 0.3.71 taking the hook away does not wait for a cycle that is under way.
    pw_filter_disconnect(filter_);
    listener_.remove();
    pw_filter_destroy(filter_);
}

Expected<void> FilterNode::update(const HostedNode& node)
{
    if (node == node_) return {};
    const bool reported = node.latency == node_.latency;
    const bool described = node.parameters == node_.parameters;
    node_ = node;
    if (!add_ports(SPA_DIRECTION_INPUT, node.inputs, true) || !add_ports(SPA_DIRECTION_OUTPUT, node.outputs, true))
        return failure("node " + node.graph_name + ": its ports cannot be made");
    seat();
    if (!reported) {
        publish_latency(SPA_DIRECTION_INPUT);
        publish_latency(SPA_DIRECTION_OUTPUT);
    }
    if (!described) describe_parameters();
    const std::array items{spa_dict_item{PW_KEY_NODE_DESCRIPTION, node.description.c_str()}};
    const spa_dict properties{0, items.size(), items.data()};
    pw_filter_update_properties(filter_, nullptr, &properties);
    return {};
}

void FilterNode::describe_parameters()
{
    parameters_ = NodeParameters(node_.parameters);
    Pods pods = parameters_.describe();
    pw_filter_update_params(filter_, nullptr, pods.data(), pods.size());
}

void FilterNode::publish_parameters()
{
    Pods pods = parameters_.changes();
    if (pods.size() > 0) pw_filter_update_params(filter_, nullptr, pods.data(), pods.size());
}

bool FilterNode::add_ports(spa_direction direction, const std::vector<HostedPort>& wanted, bool open)
{
    for (const auto& port : ports(direction)) port->wanted = false;
    for (const HostedPort& hosted : wanted) {
        const auto known = std::ranges::find(ports(direction), hosted.name, [](const auto& port) { return port->hosted.name; });
        if (known != ports(direction).end()) {
            (*known)->hosted = hosted;
            (*known)->wanted = true;
            continue;
        }
        auto port = std::make_unique<Port>(direction, hosted, open);
        pw_properties* properties = port_properties(node_.graph_name, hosted.name, hosted.position);
        port->handle = pw_filter_add_port(filter_, direction, PW_FILTER_PORT_FLAG_MAP_BUFFERS, sizeof(Port*), properties, nullptr, 0);
        if (port->handle == nullptr) return false;
        *static_cast<Port**>(port->handle) = port.get();
        ports(direction).push_back(std::move(port));
    }
    return true;
}

/// Another seating takes the place of the one that the data loop has, which is freed once that has surely left it.
void FilterNode::seat(bool with_dropped)
{
    auto next = std::make_unique<Seating>(node_.runner);
    Seating::place(inputs_, with_dropped, next->inputs, next->input_buffers);
    Seating::place(outputs_, with_dropped, next->outputs, next->output_buffers);
    seating_.store(next.get(), std::memory_order_release);
    std::swap(held_, next);
    if (next) let_pass(shared_.connection.data_loop());
}

void FilterNode::drop_ports()
{
    const auto gone = [](const auto& port) { return !port->wanted; };
    if (std::ranges::none_of(inputs_, gone) && std::ranges::none_of(outputs_, gone)) return;
    seat(false);
    for (PortPointers* ports : {&inputs_, &outputs_}) {
        for (const auto& port : *ports)
            if (gone(port)) remove(*port);
        std::erase_if(*ports, gone);
    }
}

/// The data loop walks the library's list of ports without a lock. Since 0.3.68 a port is freed only after that loop has answered; before, it may be freed
/// beneath the walker, so it is done where nobody walks: on the data loop, while this thread waits (decision 0022).
void FilterNode::remove(const Port& port)
{
    if (frees_ports_late()) pw_filter_remove_port(port.handle);
    else run_on(shared_.connection.data_loop(), [&] { pw_filter_remove_port(port.handle); });
}

void FilterNode::set_open(const std::string& port, bool is_input, bool open)
{
    auto& all = ports(is_input ? SPA_DIRECTION_INPUT : SPA_DIRECTION_OUTPUT);
    const auto found = std::ranges::find(all, port, [](const auto& candidate) { return candidate->hosted.name; });
    if (found != all.end()) (*found)->set_open(open);
}

void FilterNode::close_outputs()
{
    for (const auto& port : outputs_) port->set_open(false);
}

void FilterNode::open_all()
{
    for (const PortPointers* ports : {&inputs_, &outputs_})
        for (const auto& port : *ports) port->set_open(true);
}

bool FilterNode::gates_settled() const noexcept
{
    const auto settled = [](const auto& port) { return !port->wanted || port->gate.settled(); };
    return std::ranges::all_of(inputs_, settled) && std::ranges::all_of(outputs_, settled);
}

std::optional<GlobalId> FilterNode::id() const
{
    const GlobalId id = pw_filter_get_node_id(filter_);
    return id != SPA_ID_INVALID ? std::optional(id) : std::nullopt;
}

void FilterNode::run_in(const std::string& group)
{
    if (group == group_) return;
    group_ = group;
    // 0.3.65 looks at the graph again when the group changes, not when node.always-process does.
    const std::array items{spa_dict_item{PW_KEY_NODE_ALWAYS_PROCESS, group.empty() ? "false" : "true"},
                           spa_dict_item{PW_KEY_NODE_GROUP, group.empty() ? nullptr : group.c_str()}};
    const spa_dict properties{0, items.size(), items.data()};
    pw_filter_update_properties(filter_, nullptr, &properties);
}

std::uint64_t FilterNode::driver_time() const noexcept
{
    return position_ != nullptr ? __atomic_load_n(&position_->clock.nsec, __ATOMIC_RELAXED) : 0;
}

std::optional<pthread_t> FilterNode::thread() const noexcept
{
    return cycles() > 0 ? std::optional(thread_.load(std::memory_order_relaxed)) : std::nullopt;
}

void FilterNode::heard_latency(Port& port, const spa_pod& latency)
{
    spa_latency_info info;
    if (spa_latency_parse(&latency, &info) < 0 || info.direction == port.direction) return;
    port.latency[info.direction] = info;
    publish_latency(info.direction);
}

/// What our ports on one side have behind them: the latency of all ports on the other side, and the node's own. Published by
/// ourselves, since 0.3.65 reports nothing where a neighbour's latency is zero.
void FilterNode::publish_latency(spa_direction direction)
{
    const auto& heard = direction == SPA_DIRECTION_OUTPUT ? inputs_ : outputs_;
    const auto& told = direction == SPA_DIRECTION_OUTPUT ? outputs_ : inputs_;
    spa_latency_info info;
    spa_latency_info_combine_start(&info, direction);
    for (const auto& port : heard) spa_latency_info_combine(&info, &port->latency[direction]);
    spa_latency_info_combine_finish(&info);
    spa_process_latency_info own{};
    own.rate = node_.latency;
    spa_process_latency_info_add(&own, &info);
    for (const auto& port : told) {
        std::array<std::uint8_t, 1024> memory;
        spa_pod_builder builder;
        spa_pod_builder_init(&builder, memory.data(), memory.size());
        port->latency[direction] = info;
        std::array<const spa_pod*, 2> params{spa_latency_build(&builder, SPA_PARAM_Latency, &port->latency[0]),
                                             spa_latency_build(&builder, SPA_PARAM_Latency, &port->latency[1])};
        pw_filter_update_params(filter_, port->handle, params.data(), params.size());
    }
}

}  // namespace stemwire::host
