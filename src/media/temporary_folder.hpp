// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace stemwire::media {

/// A folder that only we may enter, which goes with all that is in it. Guarantee: blocking, no exception.
class TemporaryFolder {
public:
    /// In the system's folder for such things: `stemwire-PURPOSE-` and something of its own.
    explicit TemporaryFolder(const std::string& purpose)
    {
        std::error_code error;
        std::string name = (std::filesystem::temp_directory_path(error) / ("stemwire-" + purpose + "-XXXXXX")).string();
        if (!error && mkdtemp(name.data()) != nullptr) path_ = name;
    }
    ~TemporaryFolder()
    {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    /// Empty: it could not be made, and errno says why.
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace stemwire::media
