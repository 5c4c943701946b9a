// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/output_file.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

namespace stemwire::media {

namespace {

std::string name_beside(const std::filesystem::path& path)
{
    static std::atomic<unsigned> number{0};
    const std::string name = "." + path.filename().string() + "." + std::to_string(getpid()) + "-" + std::to_string(++number) + ".part";
    return (path.parent_path() / name).string();
}

/// Where links lead to, even if nothing is there yet.
std::filesystem::path end_of_links(std::filesystem::path path)
{
    constexpr int most_links = 40;  // Linux's own limit, path_resolution(7)
    std::error_code ignored;
    for (int i = 0; i < most_links && std::filesystem::is_symlink(path, ignored); ++i)
        path = path.parent_path() / std::filesystem::read_symlink(path, ignored);
    return path;
}

}  // namespace

OutputFile::OutputFile(std::string path, Appears appears) : path_(std::move(path)), target_(path_), temporary_(path_)
{
    if (appears == Appears::at_once) return;
    std::error_code ignored;
    const auto status = std::filesystem::status(path_, ignored);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) return;
    target_ = end_of_links(path_).string();
    temporary_ = name_beside(target_);
}

OutputFile::~OutputFile()
{
    if (!committed_ && temporary_ != target_) unlink(temporary_.c_str());
}

Expected<int> OutputFile::open()
{
    std::error_code ignored;
    if (std::filesystem::is_directory(path_, ignored)) return failed("it is a folder");
    const int descriptor = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) return failed(std::strerror(errno));
    return descriptor;
}

Expected<void> OutputFile::commit()
{
    if (temporary_ != target_ && rename(temporary_.c_str(), target_.c_str()) != 0) return failed(std::strerror(errno));
    committed_ = true;
    return {};
}

tl::unexpected<Error> OutputFile::failed(const std::string& reason) const
{
    return failure(path_ + " cannot be written: " + reason);
}

}  // namespace stemwire::media
