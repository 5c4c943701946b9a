// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>

#include <unistd.h>

#include "cli/command.hpp"
#include "cli/session_command.hpp"
#include "cli/terminal.hpp"
#include "cli/top_screen.hpp"
#include "control/top/layout.hpp"

namespace stemwire::cli {

namespace {

using namespace std::chrono_literals;
using control::top::Key;
using control::top::View;

constexpr auto frame_period = 66ms;        // 15 pictures a second
constexpr int frames_between_lists = 15;   // somebody else may change a parameter: a second later it shows

/// Asks the session for all that is shown. The error is the session's last word.
Expected<void> look(control::ControlClient& client, View& view, bool parameters)
{
    const auto status = client.call("status");
    if (!status) return failure(status.error().message);
    const auto meters = client.call("meters");
    if (!meters) return failure(meters.error().message);
    view.take_status(*status);
    view.take_meters(*meters, View::Clock::now());
    if (!parameters) return {};
    const auto list = client.call("list");
    if (!list) return failure(list.error().message);
    view.take_parameters(*list);
    return {};
}

/// Shows the session until the user leaves; the error says why it cannot be shown any longer.
Expected<void> watch(control::ControlClient& client)
{
    View view;
    client.on_failure = [&view](const std::string& message) { view.say(message); };
    TopScreen screen;
    int frames = 0;
    while (!view.has_quit()) {
        if (const auto looked = look(client, view, frames-- <= 0); !looked) return looked;
        if (frames < 0) frames = frames_between_lists;
        screen.show(control::top::lay_out(view, screen.rows(), screen.columns(), screen.is_fancy()));
        const Key key = screen.key(frame_period);
        if (key == Key::none) continue;
        const auto request = view.press(key);
        if (!request) continue;
        if (const auto posted = client.post(request->method, request->parameters); !posted) return posted;
        frames = 0;
    }
    return {};
}

}  // namespace

int top_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"top", "", 0, 0, "Shows a running session on the whole terminal: transport, meters, load and buffers of the nodes, xruns. '?' shows the keys.", {session_option}};
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    auto found = find_session(usage, std::get<Arguments>(parsed));
    if (const int* status = std::get_if<int>(&found)) return *status;
    if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0 || std::getenv("TERM") == nullptr) {
        print_error("this needs a terminal; 'stemwire status' and 'stemwire meters' do not");
        return exit_failed;
    }
    const auto watched = watch(std::get<control::ControlClient>(found));
    if (watched) return exit_done;
    print_error(watched.error().message);
    return exit_failed;
}

}  // namespace stemwire::cli
