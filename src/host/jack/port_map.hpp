// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/jack/libjack.hpp"

namespace stemwire::host {

/// A port of the JACK server, by its name in full (`system:playback_1`).
struct ServerPort {
    std::string name;
    bool is_input = false;
    bool is_physical = false;

    [[nodiscard]] std::string_view client() const { return std::string_view(name).substr(0, name.find(':')); }
    [[nodiscard]] std::string_view short_name() const { return std::string_view(name).substr(name.find(':') + 1); }
};

/// From an output to an input, by their names in full.
using LinkKey = std::pair<std::string, std::string>;

/// All audio ports of a server and the links at ours, as they are at one moment.
struct PortMap {
    std::vector<ServerPort> ports;   ///< in the server's order
    std::set<std::string> names;
    std::set<std::string> ours;
    std::set<LinkKey> links;         ///< at our ports
    std::uint64_t unregistered = 0;  ///< ports that have gone away by then

    void add(ServerPort port);
    [[nodiscard]] bool has(const std::string& name) const { return names.contains(name); }
    [[nodiscard]] bool linked(const LinkKey& link) const { return links.contains(link); }
};

/// Asks the server. Guarantee: blocking, shortly.
[[nodiscard]] PortMap read_ports(const Libjack& jack, jack_client_t* client, const std::vector<jack_port_t*>& ours);

}  // namespace stemwire::host
