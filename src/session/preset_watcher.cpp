// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/preset_watcher.hpp"

#include <array>
#include <filesystem>

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace stemwire::session {

namespace {

using namespace std::chrono_literals;

/// Saves that follow each other faster are taken together, and a file that is still being written is not read.
constexpr auto calm = 60ms;
/// A file that is saved without a rest is read all the same: what plays is never older than this.
constexpr auto patience = 300ms;

std::int64_t nanoseconds(const timespec& time)
{
    return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

}  // namespace

PresetWatcher::PresetWatcher(std::string path) : path_(std::move(path)), inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), seen_(look()), latest_(seen_)
{
    watch_folders();
}

PresetWatcher::~PresetWatcher()
{
    if (inotify_ >= 0) close(inotify_);
}

/// The folder of the name and, behind symbolic links, of the file itself: a file that is replaced takes a watch of its own with it. Watching a
/// folder twice is watching it once.
void PresetWatcher::watch_folders()
{
    if (inotify_ < 0) return;
    std::error_code ignored;
    const std::filesystem::path path = std::filesystem::absolute(path_, ignored);
    for (const std::filesystem::path& folder : {path.parent_path(), std::filesystem::weakly_canonical(path, ignored).parent_path()})
        inotify_add_watch(inotify_, folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_ONLYDIR);
}

void PresetWatcher::drain() noexcept
{
    std::array<char, 4096> events;
    while (read(inotify_, events.data(), events.size()) > 0) {}
}

PresetWatcher::Signature PresetWatcher::look() const
{
    struct stat status{};
    if (stat(path_.c_str(), &status) != 0) return {};
    // A folder in the file's place is worth a word, but not each time that something in it changes.
    if (S_ISDIR(status.st_mode)) return {status.st_dev, status.st_ino, 0, 0, 0};
    if (!S_ISREG(status.st_mode)) return {};
    return {status.st_dev, status.st_ino, status.st_size, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

void PresetWatcher::skip()
{
    seen_ = latest_ = look();
    pending_ = false;
    watch_folders();
}

bool PresetWatcher::changed(Clock::time_point now)
{
    const Signature signature = look();
    if (signature != latest_) {
        latest_ = signature;
        since_ = now;
        if (!pending_) first_ = now;
        watch_folders();
    }
    pending_ = latest_ != seen_ && latest_.size >= 0;
    if (!pending_ || (now - since_ < calm && now - first_ < patience)) return false;
    seen_ = latest_;
    pending_ = false;
    return true;
}

}  // namespace stemwire::session
