// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/probe_cache.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include <sys/stat.h>

namespace stemwire::media {

namespace {

struct Version {
    std::int64_t size = -1;
    std::int64_t changed_s = 0;
    std::int64_t changed_ns = 0;
    std::uint64_t inode = 0;
    friend bool operator==(const Version&, const Version&) = default;
};

Version version_of(const std::string& path)
{
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) return {};
    return {status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ino};
}

struct Probed {
    Version version;
    FileInfo info;
};

class Cache {
public:
    Expected<FileInfo> get(const std::string& path)
    {
        const std::scoped_lock lock(mutex_);
        const Version version = version_of(path);
        if (const auto known = probed_.find(path); known != probed_.end() && known->second.version == version) return known->second.info;
        probed_.erase(path);
        auto info = probe(path);
        if (info) probed_.emplace(path, Probed{version, *info});
        return info;
    }

private:
    std::mutex mutex_;
    std::map<std::string, Probed> probed_;
};

}  // namespace

Expected<FileInfo> probe_cached(const std::string& path)
{
    static Cache cache;
    return cache.get(path);
}

}  // namespace stemwire::media
