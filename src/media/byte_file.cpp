// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/byte_file.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/file_problem.hpp"

namespace stemwire::media {

Expected<std::shared_ptr<const ByteFile>> ByteFile::open(const std::string& path)
{
    // Without O_NONBLOCK a pipe that nobody writes to would be waited for.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return tl::unexpected(Error{system_problem(errno), path});
    struct stat status {};
    const bool is_file = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
    return std::make_shared<const ByteFile>(path, descriptor, is_file ? static_cast<std::uint64_t>(status.st_size) : 0);
}

ByteFile::~ByteFile()
{
    ::close(descriptor_);
}

ByteFile::Got ByteFile::read_at(std::uint64_t offset, std::span<std::uint8_t> to) const
{
    std::size_t done = 0;
    while (done < to.size()) {
        const ssize_t got = pread(descriptor_, to.data() + done, to.size() - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return {done, errno};
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return {done};
}

}  // namespace stemwire::media
