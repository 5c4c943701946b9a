// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/file_problem.hpp"

#include <cerrno>
#include <cstring>

#include <sys/stat.h>

namespace stemwire::media {

std::string system_problem(int error)
{
    return error == ENOENT ? "does not exist" : std::string("cannot be read: ") + std::strerror(error);
}

std::string file_problem(const std::string& path)
{
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) return system_problem(errno);
    if (S_ISDIR(status.st_mode)) return "is a folder, not a media file";
    if (!S_ISREG(status.st_mode)) return "is no regular file";  // a pipe would be waited for, and nothing else can be sought in
    if (status.st_size == 0) return "is empty";
    return {};
}

}  // namespace stemwire::media
