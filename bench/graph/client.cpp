// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/graph/client.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "host/pipewire/library.hpp"

namespace stemwire::bench {

namespace {

constexpr int look_every_ms = 20;
constexpr double patience_s = 10.0;
constexpr double for_ever_s = 1e9;

volatile std::sig_atomic_t ended = 0;

std::string text(const spa_dict& properties, const char* key)
{
    const char* value = spa_dict_lookup(&properties, key);
    return value != nullptr ? value : "";
}

std::uint32_t number(const spa_dict& properties, const char* key)
{
    return static_cast<std::uint32_t>(std::strtoul(text(properties, key).c_str(), nullptr, 10));
}

}  // namespace

Client::Client() : loop_(pw_main_loop_new(nullptr)), context_(pw_context_new(pw_main_loop_get_loop(loop_), pw_properties_new(PW_KEY_CONFIG_NAME, host::client_config(), nullptr), 0))
{
    for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { ended = 1; });
    core_ = pw_context_connect(context_, nullptr, 0);
    if (core_ == nullptr) throw std::runtime_error("no PipeWire at PIPEWIRE_REMOTE");
    static const pw_core_events core_events = [] {
        pw_core_events table{};
        table.version = PW_VERSION_CORE_EVENTS;
        table.done = [](void* data, std::uint32_t, int sequence) { static_cast<Client*>(data)->answered_ = sequence; };
        table.error = [](void* data, std::uint32_t, int, int, const char*) { static_cast<Client*>(data)->failed_ = true; };
        return table;
    }();
    static const pw_registry_events registry_events = [] {
        pw_registry_events table{};
        table.version = PW_VERSION_REGISTRY_EVENTS;
        table.global = [](void* data, std::uint32_t id, std::uint32_t, const char* type, std::uint32_t, const spa_dict* properties) {
            if (properties != nullptr) static_cast<Client*>(data)->heard(id, type, *properties);
        };
        return table;
    }();
    pw_core_add_listener(core_, &core_listener_, &core_events, this);
    registry_ = pw_core_get_registry(core_, PW_VERSION_REGISTRY, 0);
    pw_registry_add_listener(registry_, &registry_listener_, &registry_events, this);
    settle();
}

Client::~Client()
{
    spa_hook_remove(&registry_listener_);
    spa_hook_remove(&core_listener_);
    pw_proxy_destroy(reinterpret_cast<pw_proxy*>(registry_));
    pw_core_disconnect(core_);
    pw_context_destroy(context_);
    pw_main_loop_destroy(loop_);
}

void Client::heard(std::uint32_t id, const char* type, const spa_dict& properties)
{
    if (std::strcmp(type, PW_TYPE_INTERFACE_Node) == 0) nodes_[text(properties, PW_KEY_NODE_NAME)] = id;
    if (std::strcmp(type, PW_TYPE_INTERFACE_Port) == 0) ports_[{number(properties, PW_KEY_NODE_ID), text(properties, PW_KEY_PORT_NAME)}] = id;
    if (std::strcmp(type, PW_TYPE_INTERFACE_Link) == 0) feeds_[number(properties, PW_KEY_LINK_INPUT_NODE)] = number(properties, PW_KEY_LINK_OUTPUT_PORT);
}

void Client::settle()
{
    const int asked = pw_core_sync(core_, PW_ID_CORE, 0);
    if (!run_until([&] { return answered_ == asked; }, patience_s)) throw std::runtime_error("PipeWire does not answer");
    if (failed_) throw std::runtime_error("PipeWire refuses what was asked");
}

bool Client::run_until(const std::function<bool()>& done, double seconds)
{
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    pw_loop* loop = pw_main_loop_get_loop(loop_);
    pw_loop_enter(loop);
    bool is_done = done();
    while (!is_done && Clock::now() < end) {
        pw_loop_iterate(loop, look_every_ms);
        is_done = done();
    }
    pw_loop_leave(loop);
    return is_done;
}

void Client::run_until_ended()
{
    run_until([] { return ended != 0; }, for_ever_s);
}

std::optional<std::uint32_t> Client::port(const std::string& node, const std::string& port) const
{
    const auto known = nodes_.find(node);
    if (known == nodes_.end()) return std::nullopt;
    const auto found = ports_.find({known->second, port});
    return found != ports_.end() ? std::optional(found->second) : std::nullopt;
}

std::optional<std::uint32_t> Client::feeds(const std::string& node) const
{
    const auto known = nodes_.find(node);
    if (known == nodes_.end()) return std::nullopt;
    const auto found = feeds_.find(known->second);
    return found != feeds_.end() ? std::optional(found->second) : std::nullopt;
}

void Client::link(std::uint32_t output, std::uint32_t input)
{
    pw_properties* properties = pw_properties_new(nullptr, nullptr);
    pw_properties_setf(properties, PW_KEY_LINK_OUTPUT_PORT, "%u", output);
    pw_properties_setf(properties, PW_KEY_LINK_INPUT_PORT, "%u", input);
    pw_core_create_object(core_, "link-factory", PW_TYPE_INTERFACE_Link, PW_VERSION_LINK, &properties->dict, 0);
    pw_properties_free(properties);
}

pw_filter* new_filter(pw_core* core, const std::string& name)
{
    return pw_filter_new(core, name.c_str(), pw_properties_new(PW_KEY_NODE_NAME, name.c_str(), PW_KEY_MEDIA_TYPE, "Audio", PW_KEY_MEDIA_CATEGORY, "Filter",
                                                               PW_KEY_MEDIA_ROLE, "DSP", nullptr));
}

void* add_port(pw_filter* filter, pw_direction direction, const std::string& name)
{
    return pw_filter_add_port(filter, direction, PW_FILTER_PORT_FLAG_MAP_BUFFERS, sizeof(void*),
                              pw_properties_new(PW_KEY_FORMAT_DSP, "32 bit float mono audio", PW_KEY_PORT_NAME, name.c_str(), nullptr), nullptr, 0);
}

}  // namespace stemwire::bench
