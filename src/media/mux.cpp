// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/mux.hpp"

#include "media/ffmpeg.hpp"

namespace stemwire::media {

Expected<void> mux(const MuxRequest& request)
{
    const auto module = ffmpeg();
    if (!module) return tl::unexpected(Error{module.error().message, request.output});
    return (*module)->mux(request);
}

}  // namespace stemwire::media
