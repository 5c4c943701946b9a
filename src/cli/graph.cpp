// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.hpp"
#include "cli/dot.hpp"
#include "cli/preset_argument.hpp"
#include "cli/terminal.hpp"
#include "cli/text_output.hpp"

extern char** environ;

namespace stemwire::cli {

namespace {

std::string read_all(int fd)
{
    std::string text;
    std::array<char, 65536> part{};
    for (ssize_t got = 0; (got = read(fd, part.data(), part.size())) != 0;) {
        if (got > 0) text.append(part.data(), static_cast<std::size_t>(got));
        else if (errno != EINTR) break;
    }
    return text;
}

/// The graph drawn by Graphviz; nothing where its `dot` is not installed or fails.
std::optional<std::string> draw(const std::string& dot_text)
{
    std::FILE* input = std::tmpfile();
    if (input == nullptr) return std::nullopt;
    std::fwrite(dot_text.data(), 1, dot_text.size(), input);
    std::rewind(input);
    std::array<int, 2> output{};
    if (pipe2(output.data(), O_CLOEXEC) != 0) {
        std::fclose(input);
        return std::nullopt;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fileno(input), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    std::array<char, 4> program{"dot"};
    std::array<char, 6> format{"-Tsvg"};
    std::array<char*, 3> arguments{program.data(), format.data(), nullptr};
    pid_t child = 0;
    const int spawned = posix_spawnp(&child, program.data(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(output[1]);
    std::fclose(input);
    std::string svg = spawned == 0 ? read_all(output[0]) : "";
    close(output[0]);
    int status = 0;
    if (spawned != 0 || waitpid(child, &status, 0) != child || status != 0) return std::nullopt;
    return svg;
}

}  // namespace

int graph_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"graph", "PRESET", 1, 1, "Draws the preset as SVG (by Graphviz's dot) or as DOT, to standard output or a file whose ending says which.",
                      {{"output,o", "FILE", "where to write: .svg or .dot"}, {"format", "svg|dot", "what to write (default: by the file's ending, else svg)"}, set_option}};
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    const std::string file = options.value("output").value_or("");
    const std::string ending = std::filesystem::path(file).extension().string();
    const std::string format = options.value("format").value_or(ending == ".dot" || ending == ".gv" ? "dot" : "svg");
    if (format != "svg" && format != "dot") return wrong_usage(usage.command, "--format: '" + format + "' is none of svg, dot");
    const auto preset = load_preset(usage, options);
    if (const int* status = std::get_if<int>(&preset)) return *status;

    const std::string dot = to_dot(std::get<preset::Preset>(preset));
    if (format == "dot") return write_out(dot, file);
    if (const auto svg = draw(dot)) return write_out(*svg, file);
    if (!file.empty() || options.has("format")) {
        print_error("SVG needs Graphviz (apt install graphviz); --format dot does without");
        return exit_failed;
    }
    say("Graphviz is not installed (apt install graphviz): this is DOT");
    return write_out(dot, file);
}

}  // namespace stemwire::cli
