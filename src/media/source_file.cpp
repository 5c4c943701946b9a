// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/ffmpeg.hpp"
#include "media/file_problem.hpp"
#include "media/frame_source.hpp"
#include "media/plain_file.hpp"

namespace stemwire::media {

Expected<std::shared_ptr<SourceFile>> open_source(const std::string& path)
{
    if (auto text = file_problem(path); !text.empty()) return tl::unexpected(Error{std::move(text), path});
    auto plain = PlainFile::open(path);
    if (!plain) return tl::unexpected(plain.error());
    if (*plain) return std::move(*plain);
    const auto module = ffmpeg();
    if (!module) return tl::unexpected(Error{module.error().message, path});
    return (*module)->open(path);
}

}  // namespace stemwire::media
