// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/runtime_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <sys/stat.h>
#include <unistd.h>

namespace stemwire::session {

Expected<std::string> runtime_folder()
{
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    const std::string folder = runtime != nullptr && *runtime != '\0' ? std::string(runtime) + "/stemwire" : "/tmp/stemwire-" + std::to_string(getuid());
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failure(folder + ": " + std::strerror(errno));
    struct stat status{};
    if (lstat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != getuid() || (status.st_mode & 0077) != 0)
        return failure(folder + " must be a folder that only its owner, you, can enter (chmod 700)");
    return folder;
}

}  // namespace stemwire::session
