// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/registry.hpp"

#include <algorithm>
#include <cstdlib>

#include <pipewire/extensions/metadata.h>
#include <spa/utils/json.h>

namespace stemwire::host {

namespace {

std::string text(const spa_dict& properties, const char* key)
{
    const char* value = spa_dict_lookup(&properties, key);
    return value != nullptr ? value : "";
}

int number(const spa_dict& properties, const char* key)
{
    return std::atoi(text(properties, key).c_str());
}

GlobalId identity(const spa_dict& properties, const char* key)
{
    return static_cast<GlobalId>(std::strtoul(text(properties, key).c_str(), nullptr, 10));
}

}  // namespace

/// One bound metadata object.
struct MetadataGlobal {
    Registry& registry;
    std::string name;
    std::map<std::string, std::string> values;  ///< of subject 0: the server as a whole
    pw_proxy* proxy;
    Hook listener{};

    MetadataGlobal(Registry& owner, std::string metadata_name, pw_proxy* bound) : registry(owner), name(std::move(metadata_name)), proxy(bound)
    {
        static const pw_metadata_events events{PW_VERSION_METADATA_EVENTS, &MetadataGlobal::property};
        pw_metadata_add_listener(reinterpret_cast<pw_metadata*>(proxy), listener.get(), &events, this);
    }
    ~MetadataGlobal()
    {
        listener.remove();
        pw_proxy_destroy(proxy);
    }
    MetadataGlobal(const MetadataGlobal&) = delete;
    MetadataGlobal& operator=(const MetadataGlobal&) = delete;

    static int property(void* data, std::uint32_t subject, const char* key, const char*, const char* value)
    {
        auto& self = *static_cast<MetadataGlobal*>(data);
        if (subject != 0) return 0;
        if (key == nullptr) self.values.clear();
        else if (value == nullptr) self.values.erase(key);
        else self.values[key] = value;
        self.registry.changed_();
        return 0;
    }
};

Registry::Registry(pw_core* core, std::function<void()> changed)
    : registry_(pw_core_get_registry(core, PW_VERSION_REGISTRY, 0)), changed_(std::move(changed))
{
    static const pw_registry_events events = [] {
        pw_registry_events table{};
        table.version = PW_VERSION_REGISTRY_EVENTS;
        table.global = [](void* data, std::uint32_t id, std::uint32_t, const char* type, std::uint32_t, const spa_dict* properties) {
            if (properties != nullptr) static_cast<Registry*>(data)->added(id, type, *properties);
        };
        table.global_remove = [](void* data, std::uint32_t id) { static_cast<Registry*>(data)->removed(id); };
        return table;
    }();
    pw_registry_add_listener(registry_, listener_.get(), &events, this);
}

Registry::~Registry()
{
    metadata_.clear();
    listener_.remove();
    pw_proxy_destroy(reinterpret_cast<pw_proxy*>(registry_));
}

void Registry::added(GlobalId id, std::string_view type, const spa_dict& properties)
{
    if (type == PW_TYPE_INTERFACE_Node)
        nodes_[id] = {id, text(properties, PW_KEY_NODE_NAME), text(properties, PW_KEY_MEDIA_CLASS),
                      number(properties, PW_KEY_PRIORITY_SESSION), number(properties, PW_KEY_PRIORITY_DRIVER)};
    else if (type == PW_TYPE_INTERFACE_Port)
        add_port(id, properties);
    else if (type == PW_TYPE_INTERFACE_Link)
        add_link(id, properties);
    else if (type == PW_TYPE_INTERFACE_Metadata)
        bind_metadata(id, properties);
    else
        return;
    changed_();
}

void Registry::add_port(GlobalId id, const spa_dict& properties)
{
    const GlobalId node = identity(properties, PW_KEY_NODE_ID);
    ports_[node].push_back({id, identity(properties, PW_KEY_PORT_ID), text(properties, PW_KEY_PORT_NAME),
                            text(properties, PW_KEY_AUDIO_CHANNEL), text(properties, PW_KEY_PORT_DIRECTION) == "in",
                            text(properties, PW_KEY_PORT_MONITOR) == "true"});
    std::ranges::sort(ports_[node], {}, &PortGlobal::index);
    node_of_port_[id] = node;
}

void Registry::add_link(GlobalId id, const spa_dict& properties)
{
    const std::pair ends{identity(properties, PW_KEY_LINK_OUTPUT_PORT), identity(properties, PW_KEY_LINK_INPUT_PORT)};
    links_[id] = ends;
    ++link_count_[ends];
}

void Registry::bind_metadata(GlobalId id, const spa_dict& properties)
{
    const std::string name = text(properties, PW_KEY_METADATA_NAME);
    if (name != "default" && name != "settings") return;
    void* proxy = pw_registry_bind(registry_, id, PW_TYPE_INTERFACE_Metadata, PW_VERSION_METADATA, 0);
    if (proxy != nullptr) metadata_[id] = std::make_unique<MetadataGlobal>(*this, name, static_cast<pw_proxy*>(proxy));
}

void Registry::removed(GlobalId id)
{
    if (const auto link = links_.find(id); link != links_.end()) {
        const auto count = link_count_.find(link->second);
        if (--count->second == 0) link_count_.erase(count);
        links_.erase(link);
    }
    if (const auto port = node_of_port_.find(id); port != node_of_port_.end()) {
        std::erase_if(ports_[port->second], [id](const PortGlobal& gone) { return gone.id == id; });
        node_of_port_.erase(port);
    }
    if (nodes_.erase(id) > 0) ports_.erase(id);
    metadata_.erase(id);
    changed_();
}

const PortGlobal* Registry::port(GlobalId node, std::string_view name, bool is_input) const
{
    for (const PortGlobal* port : ports(node, is_input))
        if (port->name == name) return port;
    return nullptr;
}

std::optional<GlobalId> Registry::find_port(std::string_view name, bool is_input) const
{
    for (const auto& [id, node] : nodes_) {
        if (!name.starts_with(node.name) || name.size() <= node.name.size() || name[node.name.size()] != ':') continue;
        if (const PortGlobal* found = port(id, name.substr(node.name.size() + 1), is_input)) return found->id;
    }
    return std::nullopt;
}

std::string Registry::port_name(GlobalId port) const
{
    const auto node = nodes_.find(node_of(port));
    const auto all = ports_.find(node_of(port));
    if (node == nodes_.end() || all == ports_.end()) return "";
    const auto found = std::ranges::find(all->second, port, &PortGlobal::id);
    return found != all->second.end() ? node->second.name + ":" + found->name : "";
}

GlobalId Registry::node_of(GlobalId port) const
{
    const auto node = node_of_port_.find(port);
    return node != node_of_port_.end() ? node->second : SPA_ID_INVALID;
}

std::vector<std::pair<GlobalId, GlobalId>> Registry::all_links() const
{
    std::vector<std::pair<GlobalId, GlobalId>> all;
    for (const auto& [ends, count] : link_count_) all.push_back(ends);
    return all;
}

void Registry::destroy_links(const std::pair<GlobalId, GlobalId>& ends)
{
    for (const auto& [id, link] : links_)
        if (link == ends) pw_registry_destroy(registry_, id);
}

std::vector<const PortGlobal*> Registry::ports(GlobalId node, bool is_input) const
{
    std::vector<const PortGlobal*> found;
    const auto all = ports_.find(node);
    if (all == ports_.end()) return found;
    for (const PortGlobal& port : all->second)
        if (port.is_input == is_input) found.push_back(&port);
    return found;
}

std::optional<std::string> Registry::metadata(const std::string& name, const std::string& key) const
{
    for (const auto& [id, metadata] : metadata_) {
        if (metadata->name != name) continue;
        if (const auto value = metadata->values.find(key); value != metadata->values.end()) return value->second;
    }
    return std::nullopt;
}

std::optional<std::string> name_in_json(const std::string& json)
{
    spa_json whole;
    spa_json object;
    char key[64];
    char value[1024];
    spa_json_init(&whole, json.data(), json.size());
    if (spa_json_enter_object(&whole, &object) <= 0) return std::nullopt;
    while (spa_json_get_string(&object, key, sizeof key) > 0) {
        const char* other = nullptr;
        if (std::string_view(key) == "name") return spa_json_get_string(&object, value, sizeof value) > 0 ? std::optional<std::string>(value) : std::nullopt;
        if (spa_json_next(&object, &other) <= 0) break;
    }
    return std::nullopt;
}

}  // namespace stemwire::host
