// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/session_lock.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace stemwire::control {

namespace {

/// True where `path` still names the open file: its last holder may have taken the file away between our open and our lock.
bool is_still(const std::string& path, int descriptor)
{
    struct stat open_file {}, named {};
    return fstat(descriptor, &open_file) == 0 && stat(path.c_str(), &named) == 0 && open_file.st_ino == named.st_ino && open_file.st_dev == named.st_dev;
}

std::string holder(int descriptor)
{
    std::array<char, 16> text{};
    const auto size = pread(descriptor, text.data(), text.size(), 0);
    return size > 0 ? "pid " + std::string(text.data(), static_cast<std::size_t>(size)) : "pid unknown";
}

bool write_pid(int descriptor)
{
    const std::string pid = std::to_string(getpid());
    return ftruncate(descriptor, 0) == 0 && pwrite(descriptor, pid.data(), pid.size(), 0) == static_cast<ssize_t>(pid.size());
}

}  // namespace

Expected<SessionLock> SessionLock::take(const std::string& folder, const std::string& name)
{
    const std::string path = folder + "/" + name + ".lock";
    for (;;) {
        Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
        if (!file) return failure("cannot open " + path + ": " + std::generic_category().message(errno));
        if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
            if (errno == EINTR) continue;
            return failure("a session named '" + name + "' is already running (" + holder(file.get()) + "); give this one another name with name: in the preset, or --session");
        }
        if (!is_still(path, file.get())) continue;
        if (!write_pid(file.get())) return failure("cannot write " + path + ": " + std::generic_category().message(errno));
        return SessionLock(path, std::move(file));
    }
}

SessionLock::~SessionLock()
{
    if (file_) unlink(path_.c_str());
}

}  // namespace stemwire::control
