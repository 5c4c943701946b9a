// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/lv2/parameters.hpp"

#include "nodes/lv2/channel_bank.hpp"
#include "nodes/lv2/plugin.hpp"
#include "nodes/offload.hpp"

namespace stemwire::nodes::lv2 {

namespace {

constexpr std::array<Parameter, 5> rows{{
    plugin_parameters[0],
    plugin_parameters[1],
    {.name = "channels", .kind = Kind::layout, .description = "layout of the input; of a mono plugin, there is one for each channel"},
    plugin_parameters[2],
    offload_row,
}};

std::string counted(std::size_t count, const std::string& what)
{
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string shape_of(const Plugin& plugin)
{
    return plugin.uri() + " has " + counted(plugin.count(PortRole::audio_in), "input") + " and " +
           counted(plugin.count(PortRole::audio_out), "output");
}

void add_group(std::vector<PortGroup>& groups, const char* name, std::size_t channels)
{
    if (channels > 0) groups.push_back({name, ChannelLayout::usual(channels)});
}

}  // namespace

std::span<const Parameter> plugin_rows(std::string_view uri)
{
    const Plugin* plugin = uri.empty() ? nullptr : find_plugin(uri);
    return plugin == nullptr ? std::span<const Parameter>{} : plugin->rows();
}

std::span<const Parameter> node_parameters() noexcept
{
    return rows;
}

void check_plugin(const Settings& settings, Errors& errors)
{
    const Value& uri = settings["uri"];
    const Plugin* plugin = find_plugin(uri.text);
    if (plugin == nullptr) {
        errors.push_back({missing_plugin(uri.text), {}, uri.mark});
    } else if (!plugin->obstacle().empty()) {
        errors.push_back({uri.text + " cannot be played here: it " + plugin->obstacle(), {}, uri.mark});
    }
}

Ports node_ports(const Settings& settings, const PortHints& hints, Errors& errors)
{
    const Plugin* found = find_plugin(settings.text("uri"));
    if (found == nullptr) return {};  // check_plugin says so
    const Plugin& plugin = *found;
    const std::size_t inputs = plugin.count(PortRole::audio_in);
    const std::size_t outputs = plugin.count(PortRole::audio_out);
    Ports ports;
    ChannelLayout layout = settings["channels"].layout;
    if (layout.empty() && inputs == 1 && outputs == 1) layout = hints.linked("").value_or(ChannelLayout::mono());
    if (layout.empty() && inputs > 0) layout = ChannelLayout::usual(inputs);
    const auto copies = copies_for(plugin, layout.size());
    if (!copies)
        errors.push_back({shape_of(plugin) + ", which does not fit " + counted(layout.size(), "channel"), {}, settings["channels"].mark});
    if (inputs > 0) ports.inputs.push_back({"input", layout});
    add_group(ports.inputs, "sidechain", plugin.count(PortRole::side_chain_in));
    const std::size_t heard = outputs * copies.value_or(1);
    if (heard > 0) ports.outputs.push_back({"output", heard == layout.size() ? layout : ChannelLayout::usual(heard)});
    return ports;
}

bool reports_latency(const Settings& settings)
{
    const Plugin* plugin = find_plugin(settings.text("uri"));
    return plugin != nullptr && plugin->count(PortRole::latency) > 0;
}

void check_unit(const Settings& settings, std::size_t channels, Errors& errors)
{
    const Plugin* plugin = find_plugin(settings.text("uri"));
    if (plugin == nullptr) return;  // check_plugin has said so
    const auto copies = copies_for(*plugin, channels);
    if (!copies || plugin->count(PortRole::audio_in) == 0 || plugin->count(PortRole::audio_out) * *copies != channels)
        errors.push_back({shape_of(*plugin) + ", which does not fit a chain of " + counted(channels, "channel") + " (a node of type lv2 takes any plugin)",
                          {}, settings["uri"].mark});
}

}  // namespace stemwire::nodes::lv2
