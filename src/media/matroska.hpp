// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stemwire/error.hpp"

namespace stemwire::media {

/// A file inside a Matroska file.
struct Attachment {
    std::string name;         ///< quotation marks around it trimmed, which some writers leave there
    std::string mime_type;
    std::uint64_t offset = 0; ///< of its bytes in the container
    std::uint64_t size = 0;
};

/// What a Matroska file says that media frameworks keep to themselves (RFC 9559).
struct MatroskaFacts {
    std::vector<std::uint64_t> audio_tracks;  ///< the TrackNumber of every audio stream, in the order of the file
    std::vector<Attachment> attachments;
};

/// Looks through a Matroska or WebM file, without reading the sound. A file of another kind has no facts and is no error; one that breaks off
/// has those up to there. Errors: the file cannot be read. Guarantee: blocking.
[[nodiscard]] Expected<MatroskaFacts> read_matroska(const std::string& path);

/// The attachment of this name, else the first whose base name is; null where there is none.
[[nodiscard]] const Attachment* find_attachment(const MatroskaFacts& facts, const std::string& name);

/// The bytes of an attachment of up to 256 MiB. Guarantee: blocking.
[[nodiscard]] Expected<std::string> read_attachment(const std::string& path, const Attachment& attachment);

/// An attachment as a file in memory, which has a path as long as this lives.
class AttachedFile {
public:
    /// Errors: no such attachment, unreadable. `error.file` is the container.
    [[nodiscard]] static Expected<AttachedFile> open(const std::string& container, const std::string& name);
    ~AttachedFile();
    AttachedFile(AttachedFile&& other) noexcept;
    AttachedFile& operator=(AttachedFile&&) = delete;

    [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

private:
    explicit AttachedFile(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace stemwire::media
