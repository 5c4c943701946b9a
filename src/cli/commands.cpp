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
int pack_command(const std::vector<std::string>& arguments);
int probe_command(const std::vector<std::string>& arguments);
int nodes_command(const std::vector<std::string>& arguments);
int graph_command(const std::vector<std::string>& arguments);
int loudness_command(const std::vector<std::string>& arguments);
int plot_command(const std::vector<std::string>& arguments);
int status_command(const std::vector<std::string>& arguments);
int get_command(const std::vector<std::string>& arguments);
int set_command(const std::vector<std::string>& arguments);
int start_command(const std::vector<std::string>& arguments);
int pause_command(const std::vector<std::string>& arguments);
int seek_command(const std::vector<std::string>& arguments);
int loop_command(const std::vector<std::string>& arguments);
int meters_command(const std::vector<std::string>& arguments);
int save_command(const std::vector<std::string>& arguments);
int stop_command(const std::vector<std::string>& arguments);
int top_command(const std::vector<std::string>& arguments);

std::span<const Command> commands()
{
    static constexpr std::array<Command, 22> all{{
        {"run", "launch every node of a preset into PipeWire and keep the graph as the preset says", &run_command},
        {"play", "play audio files without writing a preset: every stream is a track", &play_command},
        {"render", "compute a preset into a file, faster than real time, without any server", &render_command},
        {"check", "say all that is wrong with a preset, or what it would do", &check_command},
        {"init", "print a preset for these files, ready to edit", &init_command},
        {"pack", "put a preset, its stems and impulse responses into one file, which play takes", &pack_command},
        {"probe", "list the audio streams of a media file", &probe_command},
        {"nodes", "list node types, or one type's ports and parameters", &nodes_command},
        {"graph", "draw a preset as SVG or DOT", &graph_command},
        {"loudness", "measure how loud a preset or files are: LUFS, loudness range, true peak", &loudness_command},
        {"plot", "draw what a node does, measured, or what a file or render looks like, as SVG", &plot_command},
        {"status", "say how a running session is", &status_command},
        {"get", "print a live parameter of a running session, or all", &get_command},
        {"set", "change a live parameter of a running session", &set_command},
        {"start", "let a running session's transport roll", &start_command},
        {"pause", "stop a running session's transport where it is", &pause_command},
        {"seek", "go to another place on the timeline, or so far from here", &seek_command},
        {"loop", "play from one place to another, again and again", &loop_command},
        {"meters", "print the levels of every channel and bus", &meters_command},
        {"save", "write what was changed while playing into the preset file", &save_command},
        {"stop", "end a running session, with a fade", &stop_command},
        {"top", "show a running session on the whole terminal: meters, load, buffers, xruns", &top_command},
    }};
    return all;
}

}  // namespace stemwire::cli
