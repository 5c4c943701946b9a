// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/filter_node.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <spa/pod/builder.h>

#include "host/pipewire/blocked_signals.hpp"
#include "rt/trace.hpp"

namespace stemwire::host {

/// What the filter keeps for each port, in its own memory: plain data, made by zeroes.
struct FilterNode::Port {
    spa_direction direction;
    spa_latency_info latency[2];  ///< of all that is upstream (SPA_DIRECTION_OUTPUT) and downstream (SPA_DIRECTION_INPUT)
};

namespace {

pw_properties* node_properties(const HostedNode& node, const std::string& latency)
{
    pw_properties* properties = pw_properties_new(PW_KEY_NODE_NAME, node.graph_name.c_str(), PW_KEY_NODE_DESCRIPTION, node.description.c_str(),
                                                  PW_KEY_MEDIA_TYPE, "Audio", PW_KEY_MEDIA_CATEGORY, "Filter", PW_KEY_MEDIA_ROLE, "DSP",
                                                  PW_KEY_APP_NAME, "stemwire", nullptr);
    if (!latency.empty()) pw_properties_set(properties, PW_KEY_NODE_LATENCY, latency.c_str());
    return properties;
}

pw_properties* port_properties(const std::string& node, const std::string& port, Position position)
{
    return pw_properties_new(PW_KEY_FORMAT_DSP, "32 bit float mono audio", PW_KEY_PORT_NAME, port.c_str(), PW_KEY_PORT_ALIAS,
                             (node + ":" + port).c_str(), PW_KEY_AUDIO_CHANNEL, std::string(to_string(position)).c_str(), nullptr);
}

const rt::trace::Name loop_name = rt::trace::name("thread", "data loop");
const rt::trace::Name wait_mark = rt::trace::name("host", "wait", "us_since_cycle_began");

/// When the data loop that this thread is was done with its last node.
thread_local constinit rt::trace::Nanoseconds done_at = 0;

/// What lies between two nodes: PipeWire's work, and sleep.
void mark_wait(const spa_io_clock& clock) noexcept
{
    const rt::trace::Nanoseconds now = rt::trace::now();
    rt::trace::call_thread(loop_name);
    if (done_at != 0) rt::trace::span(wait_mark, done_at, now, (now - static_cast<rt::trace::Nanoseconds>(clock.nsec)) / 1000);
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
            if (port != nullptr && id == SPA_PARAM_Latency && param != nullptr)
                static_cast<FilterNode*>(data)->heard_latency(*static_cast<Port*>(port), *param);
        };
        table.process = [](void* data, spa_io_position* position) { static_cast<FilterNode*>(data)->process(position); };
        return table;
    }();
    return events;
}

Expected<std::unique_ptr<FilterNode>> FilterNode::make(const HostedNode& node, Shared& shared)
{
    std::unique_ptr<FilterNode> made(new FilterNode(node, shared));
    if (auto connected = made->connect(); !connected) return failure("node " + node.graph_name + ": " + connected.error().message);
    return made;
}

Expected<void> FilterNode::connect()
{
    const BlockedSignals guard;
    filter_ = pw_filter_new(shared_.connection.core(), node_.description.c_str(), node_properties(node_, shared_.latency));
    if (filter_ == nullptr) return failure(std::strerror(errno));
    pw_filter_add_listener(filter_, listener_.get(), &events(), this);
    // All ports before the filter is connected: the data loop walks their list without a lock.
    if (!add_ports(SPA_DIRECTION_INPUT, node_.runner->ports().inputs, inputs_) ||
        !add_ports(SPA_DIRECTION_OUTPUT, node_.runner->ports().outputs, outputs_))
        return failure("its ports cannot be made");
    input_buffers_.resize(inputs_.size());
    output_buffers_.resize(outputs_.size());
    publish_latency(SPA_DIRECTION_INPUT);
    publish_latency(SPA_DIRECTION_OUTPUT);
    const auto flags = static_cast<pw_filter_flags>(PW_FILTER_FLAG_RT_PROCESS | PW_FILTER_FLAG_CUSTOM_LATENCY);
    if (const int result = pw_filter_connect(filter_, flags, nullptr, 0); result < 0) return failure(std::strerror(-result));
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

bool FilterNode::add_ports(spa_direction direction, const std::vector<PortGroup>& groups, std::vector<Port*>& ports)
{
    const auto names = port_names(groups);
    for (const PortGroup& group : groups)
        for (const Position position : group.layout.positions()) {
            pw_properties* properties = port_properties(node_.graph_name, names[ports.size()], position);
            auto* port = static_cast<Port*>(
                pw_filter_add_port(filter_, direction, PW_FILTER_PORT_FLAG_MAP_BUFFERS, sizeof(Port), properties, nullptr, 0));
            if (port == nullptr) return false;
            port->direction = direction;
            port->latency[SPA_DIRECTION_INPUT] = SPA_LATENCY_INFO(SPA_DIRECTION_INPUT);
            port->latency[SPA_DIRECTION_OUTPUT] = SPA_LATENCY_INFO(SPA_DIRECTION_OUTPUT);
            ports.push_back(port);
        }
    return true;
}

std::optional<GlobalId> FilterNode::id() const
{
    const GlobalId id = pw_filter_get_node_id(filter_);
    return id != SPA_ID_INVALID ? std::optional(id) : std::nullopt;
}

void FilterNode::set_running(bool running)
{
    // 0.3.65 looks at the graph again when the group changes, not when node.always-process does.
    const std::array items{spa_dict_item{PW_KEY_NODE_ALWAYS_PROCESS, running ? "true" : "false"},
                           spa_dict_item{PW_KEY_NODE_GROUP, running ? shared_.group.c_str() : nullptr}};
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
    for (const Port* port : heard) spa_latency_info_combine(&info, &port->latency[direction]);
    spa_latency_info_combine_finish(&info);
    spa_process_latency_info own{};
    own.rate = node_.latency;
    spa_process_latency_info_add(&own, &info);
    for (Port* port : told) {
        std::array<std::uint8_t, 1024> memory;
        spa_pod_builder builder;
        spa_pod_builder_init(&builder, memory.data(), memory.size());
        port->latency[direction] = info;
        std::array<const spa_pod*, 2> params{spa_latency_build(&builder, SPA_PARAM_Latency, &port->latency[0]),
                                             spa_latency_build(&builder, SPA_PARAM_Latency, &port->latency[1])};
        pw_filter_update_params(filter_, port, params.data(), params.size());
    }
}

/// What pw_filter_get_dsp_buffer gives, but nothing where the cycle is longer than the buffer: a client's have 8192 frames, and a server
/// may be told to go beyond (default.clock.quantum-limit).
float* FilterNode::dsp_buffer(Port& port, std::uint32_t frames) noexcept
{
    pw_buffer* buffer = pw_filter_dequeue_buffer(&port);
    if (buffer == nullptr) return nullptr;
    const spa_data& data = buffer->buffer->datas[0];
    const bool fits = data.maxsize / sizeof(float) >= frames;
    if (port.direction == SPA_DIRECTION_OUTPUT)
        *data.chunk = {.offset = 0, .size = fits ? frames * static_cast<std::uint32_t>(sizeof(float)) : 0, .stride = sizeof(float), .flags = 0};
    pw_filter_queue_buffer(&port, buffer);
    return fits ? static_cast<float*>(data.data) : nullptr;
}

void FilterNode::process(const spa_io_position* position) noexcept
{
    if (position == nullptr) return;
    // A node that is woken a second time in one cycle (when a cycle begins before the last is over, or the driver changes) has done its work: its
    // outputs hold what this cycle sounds like, and time has not moved.
    const Frames clock = shared_.clock.enter(position->clock);
    if (clock == clock_) return;
    clock_ = clock;
    if (rt::trace::on()) mark_wait(position->clock);
    const auto frames = static_cast<std::uint32_t>(position->clock.duration);
    for (std::size_t port = 0; port < inputs_.size(); ++port)
        input_buffers_[port] = dsp_buffer(*inputs_[port], frames);
    for (std::size_t port = 0; port < outputs_.size(); ++port)
        output_buffers_[port] = dsp_buffer(*outputs_[port], frames);
    node_.runner->run(clock_, input_buffers_, output_buffers_, frames);
    thread_.store(pthread_self(), std::memory_order_relaxed);
    cycles_.fetch_add(1, std::memory_order_relaxed);
    if (rt::trace::on()) done_at = rt::trace::now();
}

}  // namespace stemwire::host
