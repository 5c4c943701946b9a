// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/session_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "session/runtime_folder.hpp"

namespace stemwire::control {

namespace {

constexpr std::string_view socket_ending = ".sock";

}  // namespace

Expected<std::string> socket_path(const std::string& name)
{
    if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos || name.find('\0') != std::string::npos)
        return failure("a session cannot be named '" + name + "' (no '/', no '.' in front)");
    const auto folder = session::runtime_folder();
    if (!folder) return tl::unexpected(folder.error());
    std::string path = *folder + "/" + name + std::string(socket_ending);
    if (path.size() >= sizeof(sockaddr_un::sun_path))
        return failure("the path of the control socket is too long (" + std::to_string(path.size()) + " bytes; at most " +
                       std::to_string(sizeof(sockaddr_un::sun_path) - 1) + "): " + path);
    return path;
}

int connect_to_session(const std::string& path)
{
    sockaddr_un address{};
    if (path.size() >= sizeof(address.sun_path)) return -1;
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());
    const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return descriptor;
    close(descriptor);
    return -1;
}

std::vector<std::string> running_sessions()
{
    std::vector<std::string> names;
    const auto folder = session::runtime_folder();
    std::error_code error;
    if (!folder) return names;
    for (auto entry = std::filesystem::directory_iterator(*folder, error); !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        if (entry->path().extension() != socket_ending) continue;
        const int descriptor = connect_to_session(entry->path().string());
        if (descriptor < 0) continue;
        close(descriptor);
        names.push_back(entry->path().stem().string());
    }
    std::ranges::sort(names);
    return names;
}

}  // namespace stemwire::control
