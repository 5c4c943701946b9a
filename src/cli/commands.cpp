// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include "cli/command.hpp"

namespace stemwire::cli {

// A command is added here, and in its own file.
int run_command(const std::vector<std::string>& arguments);
int play_command(const std::vector<std::string>& arguments);
int render_command(const std::vector<std::string>& arguments);
int check_command(const std::vector<std::string>& arguments);
int init_command(const std::vector<std::string>& arguments);
int probe_command(const std::vector<std::string>& arguments);
int nodes_command(const std::vector<std::string>& arguments);
int graph_command(const std::vector<std::string>& arguments);

std::span<const Command> commands()
{
    static constexpr std::array<Command, 8> all{{
        {"run", "launch every node of a preset into PipeWire and keep the graph as the preset says", &run_command},
        {"play", "play audio files without writing a preset: every stream is a track", &play_command},
        {"render", "compute a preset into a file, faster than real time, without any server", &render_command},
        {"check", "say all that is wrong with a preset, or what it would do", &check_command},
        {"init", "print a preset for these files, ready to edit", &init_command},
        {"probe", "list the audio streams of a media file", &probe_command},
        {"nodes", "list node types, or one type's ports and parameters", &nodes_command},
        {"graph", "draw a preset as SVG or DOT", &graph_command},
    }};
    return all;
}

}  // namespace stemwire::cli
