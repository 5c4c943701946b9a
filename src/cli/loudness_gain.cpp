// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/loudness_gain.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>

#include "cli/command.hpp"
#include "cli/progress.hpp"
#include "cli/terminal.hpp"
#include "preset/loudness_nodes.hpp"
#include "session/loudness_gain.hpp"

namespace stemwire::cli {

namespace {

std::atomic<bool> interrupted{false};

/// Hears the signals that end a program as long as it lives.
class Interruptible {
public:
    Interruptible()
    {
        interrupted = false;
        for (std::size_t i = 0; i < signals.size(); ++i) before_[i] = std::signal(signals[i], [](int) { interrupted = true; });
    }
    ~Interruptible()
    {
        for (std::size_t i = 0; i < signals.size(); ++i) std::signal(signals[i], before_[i]);
    }
    Interruptible(const Interruptible&) = delete;
    Interruptible& operator=(const Interruptible&) = delete;

private:
    static constexpr std::array signals{SIGINT, SIGTERM, SIGHUP};
    std::array<void (*)(int), signals.size()> before_{};
};

}  // namespace

std::optional<int> bring_to_loudness(preset::Preset& preset, std::optional<double> endless_seconds)
{
    if (!preset.loudness) return std::nullopt;
    const Interruptible interruptible;
    ProgressBar bar("measuring the loudness of " + preset.name, preset.rate_hz.value_or(48000.0));
    const auto found = session::song_gain(preset, endless_seconds, 0, [&bar](Frames done, Frames total) { bar.show(done, total); }, interrupted);
    bar.clear();
    if (interrupted) return exit_interrupted;
    if (!found) {
        print_errors(found.error());
        return exit_status_of(found.error());
    }
    preset::set_loudness_gain(preset, found->gain.gain_db);
    for (const std::string& line : found->lines) say(line);
    return std::nullopt;
}

}  // namespace stemwire::cli
