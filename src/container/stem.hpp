// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "media/probe.hpp"
#include "stemwire/error.hpp"

namespace stemwire::container {

/// One stream of a media file, by which a stem is played.
struct Stem {
    std::string file;
    media::StreamInfo stream;
};

/// The highest absolute sample, full scale being 1. Errors: unreadable, damaged. Guarantee: blocking (it decodes the whole stem).
[[nodiscard]] Expected<double> peak_of(const Stem& stem);

/// Writes a stem into a file of its own, of the kind that its ending says, `factor` times as loud. Errors: unreadable, damaged, not writable.
/// Guarantee: blocking.
[[nodiscard]] Expected<void> encode(const Stem& stem, double factor, const std::string& output);

}  // namespace stemwire::container
