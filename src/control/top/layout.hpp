// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/top/canvas.hpp"
#include "control/top/view.hpp"

namespace stemwire::control::top {

/// The whole screen: transport and server, a meter for each channel and bus, a line for each node, keys. Of what does not fit, the part around the
/// chosen line is shown. `fancy`: bars of block characters; else ASCII alone is drawn, but for names.
[[nodiscard]] Canvas lay_out(const View& view, int rows, int columns, bool fancy);

/// Columns of `width` that a level fills, −60 … 0 dB.
[[nodiscard]] int meter_columns(double level_db, int width) noexcept;

}  // namespace stemwire::control::top
