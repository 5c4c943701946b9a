// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.hpp"
#include "cli/live.hpp"
#include "cli/preset_argument.hpp"
#include "cli/terminal.hpp"
#include "session/members.hpp"

namespace stemwire::cli {

int run_command(const std::vector<std::string>& arguments)
{
    Usage usage{"run", "PRESET", 1, 1, "Launches every node of the preset into the running PipeWire and keeps the graph as the preset says. Ctrl-C ends it with a fade.",
                live_options()};
    usage.options.push_back({"exit-at-end", "", "leave when the last track has ended and the tails have died away"});
    usage.options.push_back({"node", "NAME", "run only this node of the preset, the rest being run by other processes, under the same transport (may be repeated)", true});
    usage.options.push_back(set_option);
    usage.options.push_back(memory_option);
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    if (const auto status = refuse_live_options(usage, options)) return *status;
    const auto preset = load_preset(usage, options);
    if (const int* status = std::get_if<int>(&preset)) return *status;
    const auto known = session::check_names(std::get<preset::Preset>(preset), options.values("node"));
    if (!known) return wrong_usage(usage.command, known.error().message);
    session::LiveRequest request;
    request.exit_at_end = options.has("exit-at-end");
    request.own_nodes = options.values("node");
    request.command = {"/proc/self/exe", "isolated-node", options.positional().front()};
    for (const std::string& text : options.values("set")) request.command.insert(request.command.end(), {"--set", text});
    request.reload = [path = options.positional().front(), how = std::get<PresetOptions>(preset_options_of(usage, options))] { return how.load(path); };
    return play_live(options, std::get<preset::Preset>(preset), std::move(request));
}

}  // namespace stemwire::cli
