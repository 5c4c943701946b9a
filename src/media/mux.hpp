// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "stemwire/error.hpp"

namespace stemwire::media {

/// What goes into one Matroska file.
struct MuxRequest {
    struct Stream {
        std::string file;    ///< its first audio stream, packet by packet as it is
        std::string title;
    };
    struct Attached {
        std::string name;
        std::string mime_type;
        std::string content;
    };

    std::string output;
    std::vector<Stream> streams;       ///< at least one
    std::vector<Attached> attachments;
};

/// Puts streams of files and attachments into one Matroska file, interleaved by time; the file appears when it is whole. Errors: unreadable,
/// not writable, disk full. Guarantee: blocking; memory does not grow with the length.
[[nodiscard]] Expected<void> mux(const MuxRequest& request);

}  // namespace stemwire::media
