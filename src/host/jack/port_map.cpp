// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/jack/port_map.hpp"

namespace stemwire::host {

namespace {

/// A list of names that libjack allocated.
std::vector<std::string> take_names(const Libjack& jack, const char** list)
{
    std::vector<std::string> names;
    if (list == nullptr) return names;
    for (const char** name = list; *name != nullptr; ++name) names.emplace_back(*name);
    jack.free(list);
    return names;
}

void read_links(PortMap& map, const Libjack& jack, jack_client_t* client, jack_port_t* port)
{
    const std::string name = jack.port_name(port);
    const bool is_input = (jack.port_flags(port) & JackPortIsInput) != 0;
    map.ours.insert(name);
    for (const std::string& peer : take_names(jack, jack.port_get_all_connections(client, port)))
        map.links.insert(is_input ? LinkKey(peer, name) : LinkKey(name, peer));
}

}  // namespace

void PortMap::add(ServerPort port)
{
    names.insert(port.name);
    ports.push_back(std::move(port));
}

PortMap read_ports(const Libjack& jack, jack_client_t* client, const std::vector<jack_port_t*>& ours)
{
    PortMap map;
    for (const std::string& name : take_names(jack, jack.get_ports(client, nullptr, JACK_DEFAULT_AUDIO_TYPE, 0))) {
        const jack_port_t* port = jack.port_by_name(client, name.c_str());
        if (port == nullptr) continue;
        const int flags = jack.port_flags(port);
        map.add({name, (flags & JackPortIsInput) != 0, (flags & JackPortIsPhysical) != 0});
    }
    for (jack_port_t* port : ours) read_links(map, jack, client, port);
    return map;
}

}  // namespace stemwire::host
