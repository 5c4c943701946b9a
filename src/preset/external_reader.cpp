// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/external_reader.hpp"

#include <array>

namespace stemwire::preset {

namespace {

constexpr std::array<std::string_view, 1> default_word{"default"};

constexpr std::array<Parameter, 4> external_rows{{
    {.name = "sink", .kind = Kind::choice, .description = "the default sink", .words = default_word},
    {.name = "source", .kind = Kind::choice, .description = "the default source", .words = default_word},
    {.name = "node", .kind = Kind::text, .description = "a glob on PipeWire's node.name"},
    {.name = "ports", .kind = Kind::text, .description = "a glob on the ports' names", .fallback_text = "*"},
}};

}  // namespace

ExternalModel read_external(const YamlEntry& entry, SettingsReader reader, Report& report)
{
    ExternalModel external;
    external.name = entry.key;
    external.mark = entry.mark;
    // Until it has checked it is what may stand on either side of a link.
    external.what = ExternalModel::What::pattern;
    const std::size_t before = report.error_count();
    const Settings settings = reader.read(external_rows, entry.value, "external." + entry.key);
    if (report.error_count() != before) return external;
    const int ways = settings.given("sink") + settings.given("source") + settings.given("node");
    if (ways != 1 || (settings.given("ports") && !settings.given("node")))
        report.error(entry.mark, "external." + entry.key +
                                      " must be one of { sink: default }, { source: default } and { node: GLOB, ports: GLOB }");
    else if (settings.given("sink")) external.what = ExternalModel::What::default_sink;
    else if (settings.given("source")) external.what = ExternalModel::What::default_source;
    external.node_glob = settings.text("node");
    external.port_glob = settings.text("ports");
    for (const std::string_view glob : {"node", "ports"})
        if (settings.given(glob) && settings.text(glob).empty())
            report.error(settings[glob].mark, std::string(glob) + ": an empty glob matches nothing (such as \"alsa_output.*\")");
    return external;
}

}  // namespace stemwire::preset
