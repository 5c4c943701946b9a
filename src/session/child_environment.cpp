// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/child_environment.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace stemwire::session {

namespace {

/// sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3), systemd.exec(5) LoadCredential; ssh-agent(1), gpg-agent(1).
constexpr std::array<std::string_view, 12> ours_alone{"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES",
                                                      "CREDENTIALS_DIRECTORY", "SSH_AUTH_SOCK", "SSH_AGENT_PID", "GPG_AGENT_INFO", "SUDO_ASKPASS"};
constexpr std::array<std::string_view, 6> secrets{"_TOKEN", "_SECRET", "_PASSWORD", "_PASSPHRASE", "_KEY", "_CREDENTIALS"};

bool withheld(std::string_view name)
{
    return std::ranges::find(ours_alone, name) != ours_alone.end() || std::ranges::any_of(secrets, [&](std::string_view ending) { return name.ends_with(ending); });
}

}  // namespace

std::vector<std::string> child_environment(const char* const* environment)
{
    std::vector<std::string> given;
    for (; *environment != nullptr; ++environment) {
        const std::string_view variable(*environment);
        if (!withheld(variable.substr(0, variable.find('=')))) given.emplace_back(variable);
    }
    return given;
}

}  // namespace stemwire::session
