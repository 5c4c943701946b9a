// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/session_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace stemwire::control {

namespace {

constexpr std::string_view socket_ending = ".sock";

std::string reason()
{
    return std::generic_category().message(errno);
}

}  // namespace

std::string session_folder()
{
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    return runtime != nullptr && *runtime == '/' ? std::string(runtime) + "/stemwire" : "/tmp/stemwire-" + std::to_string(geteuid());
}

Expected<std::string> make_session_folder()
{
    std::string folder = session_folder();
    if (mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) return failure("cannot make the folder " + folder + ": " + reason());
    struct stat found {};
    if (lstat(folder.c_str(), &found) != 0) return failure("cannot look at the folder " + folder + ": " + reason());
    if (!S_ISDIR(found.st_mode)) return failure(folder + " is not a folder");
    if (found.st_uid != geteuid()) return failure("the folder " + folder + " belongs to somebody else");
    if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0 && chmod(folder.c_str(), S_IRWXU) != 0)
        return failure("cannot close the folder " + folder + " to others: " + reason());
    return folder;
}

Expected<std::string> socket_path(const std::string& name)
{
    if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos || name.find('\0') != std::string::npos)
        return failure("a session cannot be named '" + name + "' (no '/', no '.' in front)");
    std::string path = session_folder() + "/" + name + std::string(socket_ending);
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
    std::error_code error;
    for (auto entry = std::filesystem::directory_iterator(session_folder(), error); !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
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
