// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/private_config.hpp"

#include <cmath>

#include "stemwire/layout.hpp"
#include "stemwire/units.hpp"

namespace stemwire::host {

namespace {

constexpr std::uint32_t smallest_quantum = 16;  // frames; PipeWire's own default of clock.min-quantum is 32

std::string positions(std::uint32_t channels)
{
    std::string text;
    const ChannelLayout layout = ChannelLayout::usual(channels);
    for (const Position position : layout.positions()) text += std::string(to_string(position)) + " ";
    return text;
}

// Without the vm.overrides of the usual pipewire.conf, which take 1024 as the smallest quantum in a virtual machine.
std::string properties(const PrivateServer::Options& options)
{
    const std::string rate = std::to_string(std::lround(options.rate_hz));
    return "context.properties = {\n"
           "    support.dbus = false\n"
           "    core.daemon = true\n"
           "    core.name = pipewire-0\n"
           "    default.clock.rate = " + rate + "\n"
           "    default.clock.allowed-rates = [ " + rate + " ]\n"
           "    default.clock.quantum = " + std::to_string(options.quantum) + "\n"
           "    default.clock.min-quantum = " + std::to_string(smallest_quantum) + "\n"
           "    default.clock.max-quantum = " + std::to_string(largest_quantum) + "\n"
           "}\n";
}

// Without a session manager an adapter has no ports until somebody configures them: adapter.auto-port-config. 1.4 does so only where
// the sink leaves nothing open: format, rate, channels and positions are all given.
std::string objects(const PrivateServer::Options& options)
{
    return "context.objects = [\n"
           "    { factory = metadata args = { metadata.name = default } }\n"
           "    { factory = spa-node-factory args = { factory.name = support.node.driver node.name = Dummy-Driver"
           " node.group = pipewire.dummy priority.driver = 20000 } }\n"
           "    { factory = adapter args = { factory.name = support.null-audio-sink node.name = \"" + options.sink_name + "\""
           " node.description = \"Null sink\" media.class = Audio/Sink audio.format = F32P audio.rate = " + std::to_string(std::lround(options.rate_hz)) +
           " audio.channels = " + std::to_string(options.sink_channels) + " audio.position = [ " + positions(options.sink_channels) + "]"
           " priority.session = 1000 priority.driver = 1000 object.linger = true"
           " adapter.auto-port-config = { mode = dsp monitor = true position = preserve } } }\n"
           "]\n";
}

}  // namespace

std::string private_config(const PrivateServer::Options& options)
{
    return properties(options) +
           "context.spa-libs = {\n"
           "    audio.convert.* = audioconvert/libspa-audioconvert\n"
           "    support.* = support/libspa-support\n"
           "}\n"
           "context.modules = [\n"
           "    { name = libpipewire-module-rt args = { } flags = [ ifexists nofail ] }\n"
           "    { name = libpipewire-module-protocol-native }\n"
           "    { name = libpipewire-module-profiler }\n"
           "    { name = libpipewire-module-metadata }\n"
           "    { name = libpipewire-module-spa-node-factory }\n"
           "    { name = libpipewire-module-client-node }\n"
           "    { name = libpipewire-module-access }\n"
           "    { name = libpipewire-module-adapter }\n"
           "    { name = libpipewire-module-link-factory }\n"
           "]\n" +
           objects(options);
}

}  // namespace stemwire::host
