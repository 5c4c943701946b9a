// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "media/mux.hpp"

namespace stemwire::media {

/// What `mux` promises.
[[nodiscard]] Expected<void> av_mux(const MuxRequest& request);

}  // namespace stemwire::media
