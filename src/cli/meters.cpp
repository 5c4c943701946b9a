// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>

#include "cli/command.hpp"
#include "cli/session_command.hpp"
#include "cli/terminal.hpp"
#include "control/json.hpp"

namespace stemwire::cli {

namespace {

using control::Json;

/// Several times the longest time between two notifications.
constexpr std::chrono::seconds notification_patience{10};
constexpr double follow_rate = 10.0;

std::string level(double level_db)
{
    if (!std::isfinite(level_db)) return "  silent";
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%5.1f dB", level_db);
    return text.data();
}

/// Momentary, short-term and integrated loudness and the true peak, of a bus that measures them.
std::string loudness(const session::LoudnessValue& value)
{
    std::array<char, 96> text{};
    std::snprintf(text.data(), text.size(), "  M%6.1f  S%6.1f  I%6.1f LUFS  true peak%6.1f dBTP", value.momentary_lufs, value.short_term_lufs, value.integrated_lufs, value.true_peak_dbtp);
    return text.data();
}

void print_meters(const Json& answer, bool json, bool follow)
{
    if (json) {
        std::cout << answer.dump(follow ? -1 : 2) << std::endl;
        return;
    }
    for (const session::MeterValue& meter : control::meters_from_json(answer["meters"])) {
        std::string name = meter.node + " " + meter.name;
        if (name.size() < 24) name.resize(24, ' ');
        std::cout << name << " peak " << level(meter.peak_db) << "  rms " << level(meter.rms_db) << (meter.loudness ? loudness(*meter.loudness) : "") << '\n';
    }
    std::cout << std::flush;
}

int follow_meters(const Usage& usage, control::ControlClient& client, bool json)
{
    if (const auto answer = client.call("meters.follow", {{"rate", follow_rate}}); !answer) return refused(usage, answer.error());
    while (std::cout) {
        const auto meters = client.next_notification(notification_patience);
        if (!meters) {
            print_error(meters.error().message);
            return exit_failed;
        }
        print_meters(*meters, json, true);
    }
    return exit_done;
}

}  // namespace

int meters_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"meters", "", 0, 0, "Prints the level of every channel and bus of a running session.",
                      {session_option, {"json", "", "print one JSON object; with --follow one a line"}, {"follow", "", "ten times a second, until Ctrl-C"}}};
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    auto found = find_session(usage, options);
    if (const int* status = std::get_if<int>(&found)) return *status;
    auto& client = std::get<control::ControlClient>(found);
    if (options.has("follow")) return follow_meters(usage, client, options.has("json"));
    const auto meters = client.call("meters");
    if (!meters) return refused(usage, meters.error());
    print_meters(*meters, options.has("json"), false);
    return exit_done;
}

}  // namespace stemwire::cli
