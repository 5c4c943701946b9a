// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>

#include "nodes/lv2/plugin.hpp"

namespace stemwire::nodes::lv2 {

namespace {

struct Package {
    std::string_view uris;  ///< what all of its plugins' URIs begin with
    std::string_view name;
};

/// Debian's packages of plugins.
constexpr std::array packages{
    Package{"http://gareus.org/oss/lv2/", "x42-plugins"},
    Package{"http://lsp-plug.in/plugins/lv2/", "lsp-plugins-lv2"},
    Package{"http://drobilla.net/plugins/mda/", "mda-lv2"},
    Package{"http://plugin.org.uk/swh-plugins/", "swh-lv2"},
    Package{"http://calf.sourceforge.net/plugins/", "calf-plugins"},
    Package{"urn:zamaudio:", "zam-plugins"},
    Package{"http://guitarix.sourceforge.net/plugins/", "guitarix-lv2"},
    Package{"http://invadarecords.com/plugins/lv2/", "invada-studio-plugins-lv2"},
    Package{"http://eq10q.sourceforge.net/", "eq10q"},
    Package{"http://tomszilagyi.github.io/plugins/lv2/ir", "ir.lv2"},
    Package{"http://hippie.lt/lv2/gate", "abgate"},
    Package{"http://lv2plug.in/plugins/eg-", "lv2-examples"},
};

bool any_installed(std::string_view beginning)
{
    World& world = World::get();
    const std::lock_guard lock(world.mutex);
    const LilvPlugins* plugins = world.plugins();
    LILV_FOREACH (plugins, each, plugins) {
        const std::string_view uri = lilv_node_as_uri(lilv_plugin_get_uri(lilv_plugins_get(plugins, each)));
        if (uri.starts_with(beginning)) return true;
    }
    return false;
}

}  // namespace

std::string missing_plugin(std::string_view uri)
{
    const std::string text = "no LV2 plugin '" + std::string(uri) + "' is installed";
    const auto package = std::ranges::find_if(packages, [&](const Package& each) { return uri.starts_with(each.uris); });
    if (package == packages.end()) return text + " (lv2ls, of the package lilv-utils, lists those that are)";
    const std::string name(package->name);
    return text + (any_installed(package->uris) ? " (others of the package " + name + " are: lv2ls lists them)" : " (Debian has it in the package " + name + ")");
}

}  // namespace stemwire::nodes::lv2
