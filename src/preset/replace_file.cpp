// SPDX-License-Identifier: GPL-3.0-or-later
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preset/patch.hpp"

namespace stemwire::preset {

namespace {

constexpr mode_t usual_mode = 0644;  ///< of a file that is new

/// A file beside the one that it is to replace. Is gone with the object unless it took the other's place.
class Replacement {
public:
    explicit Replacement(const std::filesystem::path& target) : target_(target)
    {
        temporary_ = (target.parent_path() / ("." + target.filename().string() + ".XXXXXX")).string();
        descriptor_ = mkostemp(temporary_.data(), O_CLOEXEC);
    }
    ~Replacement()
    {
        if (descriptor_ < 0) return;
        close(descriptor_);
        if (!done_) unlink(temporary_.c_str());
    }
    Replacement(const Replacement&) = delete;
    Replacement& operator=(const Replacement&) = delete;

    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }

    bool write_all(std::string_view text)
    {
        while (!text.empty()) {
            const ssize_t written = write(descriptor_, text.data(), text.size());
            if (written < 0 && errno != EINTR) return false;
            text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
        }
        return true;
    }

    bool take_over()
    {
        struct stat old{};
        const bool exists = stat(target_.c_str(), &old) == 0;
        // Only root may give files away: for others the file becomes theirs. The mode comes last, since a new owner clears parts of it.
        if (exists && fchown(descriptor_, old.st_uid, old.st_gid) != 0 && errno != EPERM) return false;
        if (fchmod(descriptor_, exists ? old.st_mode & 07777u : usual_mode) != 0 || fsync(descriptor_) != 0) return false;
        done_ = std::rename(temporary_.c_str(), target_.c_str()) == 0;
        return done_;
    }

private:
    std::filesystem::path target_;
    std::string temporary_;
    int descriptor_ = -1;
    bool done_ = false;
};

/// The new name is on the disk too. Some file systems cannot say: then nothing more can be done.
void sync_folder(const std::filesystem::path& folder)
{
    const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    fsync(descriptor);
    close(descriptor);
}

}  // namespace

Expected<void> replace_file(const std::string& path, std::string_view text)
{
    std::error_code error;
    const std::filesystem::path target = std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error);
    if (error) return tl::unexpected(Error{"cannot be written: " + error.message(), path});
    Replacement replacement(target);
    if (!replacement.is_open() || !replacement.write_all(text) || !replacement.take_over())
        return tl::unexpected(Error{std::string("cannot be written: ") + std::strerror(errno), path});
    sync_folder(target.parent_path());
    return {};
}

}  // namespace stemwire::preset
