// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/probe_cache.hpp"

#include <map>
#include <mutex>
#include <utility>

#include "media/file_version.hpp"

namespace stemwire::media {

namespace {

struct Probed {
    FileVersion version;
    FileInfo info;
};

class Cache {
public:
    Expected<FileInfo> get(const std::string& path)
    {
        const std::scoped_lock lock(mutex_);
        const FileVersion version = file_version(path);
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
