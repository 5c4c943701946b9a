// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pipewire/pipewire.h>

#include "host/pipewire/hook.hpp"

namespace stemwire::host {

/// The server's id of an object while it lives; the server gives it to another one later.
using GlobalId = std::uint32_t;

struct NodeGlobal {
    GlobalId id = 0;
    std::string name;
    std::string media_class;
    int priority_session = 0;
    int priority_driver = 0;
};

struct PortGlobal {
    GlobalId id = 0;
    std::uint32_t index = 0;  ///< port.id: its place among the node's ports of its direction
    std::string name;
    std::string channel;      ///< audio.channel; empty where the server has none
    bool is_input = false;
    bool is_monitor = false;
};

struct MetadataGlobal;

/// What the server says is there, kept up to date: nodes, ports, links, and the metadata `default` and `settings`.
class Registry {
public:
    /// `changed` is called after every change, from inside the server's message: it may only take note.
    Registry(pw_core* core, std::function<void()> changed);
    ~Registry();

    [[nodiscard]] const std::map<GlobalId, NodeGlobal>& nodes() const noexcept { return nodes_; }
    [[nodiscard]] const PortGlobal* port(GlobalId node, std::string_view name, bool is_input) const;
    /// In the order of their index.
    [[nodiscard]] std::vector<const PortGlobal*> ports(GlobalId node, bool is_input) const;
    [[nodiscard]] bool has_link(GlobalId output_port, GlobalId input_port) const { return link_count_.contains({output_port, input_port}); }
    /// A port by its node's name and its own, `node:port`; nothing, or empty, where there is none.
    [[nodiscard]] std::optional<GlobalId> find_port(std::string_view name, bool is_input) const;
    [[nodiscard]] std::string port_name(GlobalId port) const;
    /// SPA_ID_INVALID: no such port.
    [[nodiscard]] GlobalId node_of(GlobalId port) const;
    [[nodiscard]] std::vector<std::pair<GlobalId, GlobalId>> all_links() const;
    /// Takes away every link between two ports, whoever made it.
    void destroy_links(const std::pair<GlobalId, GlobalId>& ends);
    /// [output port, input port]: how many links.
    [[nodiscard]] const std::map<std::pair<GlobalId, GlobalId>, int>& links() const noexcept { return link_count_; }
    /// A value of the metadata `default` or `settings` about the whole server, as it is written.
    [[nodiscard]] std::optional<std::string> metadata(const std::string& name, const std::string& key) const;

private:
    friend struct MetadataGlobal;
    void added(GlobalId id, std::string_view type, const spa_dict& properties);
    void removed(GlobalId id);
    void add_port(GlobalId id, const spa_dict& properties);
    void add_link(GlobalId id, const spa_dict& properties);
    void bind_metadata(GlobalId id, const spa_dict& properties);

    pw_registry* registry_;
    Hook listener_;
    std::function<void()> changed_;
    std::map<GlobalId, NodeGlobal> nodes_;
    std::map<GlobalId, std::vector<PortGlobal>> ports_;  ///< [node]
    std::map<GlobalId, GlobalId> node_of_port_;
    std::map<GlobalId, std::pair<GlobalId, GlobalId>> links_;
    std::map<std::pair<GlobalId, GlobalId>, int> link_count_;
    std::map<GlobalId, std::unique_ptr<MetadataGlobal>> metadata_;
};

/// Names inside the server's metadata values `{"name": "…"}`; nothing where it has no name.
[[nodiscard]] std::optional<std::string> name_in_json(const std::string& json);

}  // namespace stemwire::host
