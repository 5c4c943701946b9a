// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/matroska.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

namespace stemwire::media {

namespace {

// Element IDs of RFC 8794, section 11.2, and RFC 9559, section 5.
namespace id {
constexpr std::uint64_t ebml = 0x1A45DFA3;
constexpr std::uint64_t segment = 0x18538067;
constexpr std::uint64_t cluster = 0x1F43B675;
constexpr std::uint64_t tracks = 0x1654AE6B;
constexpr std::uint64_t track_entry = 0xAE;
constexpr std::uint64_t track_number = 0xD7;
constexpr std::uint64_t track_type = 0x83;
constexpr std::uint64_t attachments = 0x1941A469;
constexpr std::uint64_t attached_file = 0x61A7;
constexpr std::uint64_t file_name = 0x466E;
constexpr std::uint64_t file_media_type = 0x4660;
constexpr std::uint64_t file_data = 0x465C;
}  // namespace id

constexpr std::uint64_t audio_type = 2;
constexpr std::uint64_t longest_text = 4096;
constexpr std::uint64_t largest_attachment = 256u << 20;

struct Element {
    std::uint64_t id = 0;
    std::uint64_t begin = 0;  ///< of its data
    std::uint64_t end = 0;
    bool unknown_size = false;
};

/// Walks through the elements of a file. After any error `next` finds nothing more.
class Walker {
public:
    explicit Walker(const std::string& path) : file_(path, std::ios::binary)
    {
        std::error_code error;
        size_ = std::filesystem::file_size(path, error);
        if (error) size_ = 0;
    }

    [[nodiscard]] bool is_open() const { return file_.is_open(); }
    [[nodiscard]] std::uint64_t size() const { return size_; }

    /// The element at `at`, which lies before `end`.
    std::optional<Element> at(std::uint64_t at, std::uint64_t end)
    {
        file_.clear();
        file_.seekg(static_cast<std::streamoff>(at));
        const auto identity = variable(4, false);
        const auto length = identity ? variable(8, true) : std::nullopt;
        if (!length) return std::nullopt;
        Element element{.id = identity->value, .begin = at + identity->bytes + length->bytes};
        element.unknown_size = length->value == (std::uint64_t{1} << (7 * length->bytes)) - 1;
        if (element.begin > end) return std::nullopt;
        const std::uint64_t room = end - element.begin;
        element.end = element.unknown_size || length->value > room ? end : element.begin + length->value;
        return element;
    }

    std::string text(const Element& element)
    {
        std::string bytes(std::min(element.end - element.begin, longest_text), '\0');
        file_.clear();
        file_.seekg(static_cast<std::streamoff>(element.begin));
        file_.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        bytes.resize(static_cast<std::size_t>(file_.gcount()));
        return bytes.substr(0, bytes.find('\0'));  // padding is allowed
    }

    std::uint64_t number(const Element& element)
    {
        file_.clear();
        file_.seekg(static_cast<std::streamoff>(element.begin));
        std::uint64_t value = 0;
        for (std::uint64_t i = element.begin; i < std::min(element.end, element.begin + 8); ++i) value = value << 8 | byte();
        return value;
    }

private:
    struct Variable {
        std::uint64_t value;
        unsigned bytes;
    };

    std::uint64_t byte() { return static_cast<unsigned char>(file_.get()); }

    /// A number whose leading zeros say how long it is (RFC 8794, section 4).
    std::optional<Variable> variable(unsigned longest, bool strip_marker)
    {
        const int first = file_.get();
        if (first < 0) return std::nullopt;
        const auto bytes = static_cast<unsigned>(std::countl_zero(static_cast<std::uint8_t>(first))) + 1;
        if (bytes > longest) return std::nullopt;
        std::uint64_t value = static_cast<std::uint64_t>(first);
        if (strip_marker) value &= (std::uint64_t{1} << (8 - bytes)) - 1;
        for (unsigned i = 1; i < bytes; ++i) value = value << 8 | byte();
        return file_ ? std::optional(Variable{value, bytes}) : std::nullopt;
    }

    std::ifstream file_;
    std::uint64_t size_ = 0;
};

template <class Visit>
void for_each_child(Walker& walker, const Element& parent, Visit visit)
{
    for (std::uint64_t at = parent.begin; at < parent.end;) {
        const auto child = walker.at(at, parent.end);
        if (!child) return;
        visit(*child);
        at = child->end;
    }
}

std::string without_quotes(std::string text)
{
    const auto first = text.find_first_not_of("\"' ");
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of("\"' ") - first + 1);
}

void read_tracks(Walker& walker, const Element& tracks, MatroskaFacts& facts)
{
    for_each_child(walker, tracks, [&](const Element& entry) {
        if (entry.id != id::track_entry) return;
        std::uint64_t number = 0;
        std::uint64_t type = 0;
        for_each_child(walker, entry, [&](const Element& child) {
            if (child.id == id::track_number) number = walker.number(child);
            if (child.id == id::track_type) type = walker.number(child);
        });
        if (type == audio_type) facts.audio_tracks.push_back(number);
    });
}

void read_attachments(Walker& walker, const Element& attachments, MatroskaFacts& facts)
{
    for_each_child(walker, attachments, [&](const Element& file) {
        if (file.id != id::attached_file) return;
        Attachment& attachment = facts.attachments.emplace_back();
        for_each_child(walker, file, [&](const Element& child) {
            if (child.id == id::file_name) attachment.name = without_quotes(walker.text(child));
            if (child.id == id::file_media_type) attachment.mime_type = walker.text(child);
            if (child.id == id::file_data) {
                attachment.offset = child.begin;
                attachment.size = child.end - child.begin;
            }
        });
    });
}

/// The elements of a segment. A cluster of unknown size is gone through from the inside: what ends it is an element of the segment again.
void read_segment(Walker& walker, const Element& segment, MatroskaFacts& facts)
{
    for (std::uint64_t at = segment.begin; at < segment.end;) {
        const auto element = walker.at(at, segment.end);
        if (!element) return;
        if (element->id == id::tracks) read_tracks(walker, *element, facts);
        if (element->id == id::attachments) read_attachments(walker, *element, facts);
        at = element->id == id::cluster && element->unknown_size ? element->begin : element->end;
    }
}

}  // namespace

Expected<MatroskaFacts> read_matroska(const std::string& path)
{
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored)) return tl::unexpected(Error{"is no regular file", path});
    Walker walker(path);
    if (!walker.is_open()) return tl::unexpected(Error{std::string("cannot be read: ") + std::strerror(errno), path});
    MatroskaFacts facts;
    const auto header = walker.at(0, walker.size());
    if (!header || header->id != id::ebml) return facts;
    for (std::uint64_t at = header->end; at < walker.size();) {
        const auto element = walker.at(at, walker.size());
        if (!element) break;
        if (element->id == id::segment) read_segment(walker, *element, facts);
        at = element->end;
    }
    return facts;
}

const Attachment* find_attachment(const MatroskaFacts& facts, const std::string& name)
{
    const auto base_name = [](const std::string& path) { return std::filesystem::path(path).filename().string(); };
    const auto exact = std::ranges::find(facts.attachments, name, &Attachment::name);
    if (exact != facts.attachments.end()) return &*exact;
    const auto alike = std::ranges::find(facts.attachments, base_name(name), [&](const Attachment& each) { return base_name(each.name); });
    return alike == facts.attachments.end() ? nullptr : &*alike;
}

Expected<std::string> read_attachment(const std::string& path, const Attachment& attachment)
{
    if (attachment.size > largest_attachment)
        return tl::unexpected(Error{"the attachment '" + attachment.name + "' is larger than 256 MiB", path});
    std::ifstream file(path, std::ios::binary);
    std::string bytes(attachment.size, '\0');
    file.seekg(static_cast<std::streamoff>(attachment.offset));
    if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
        return tl::unexpected(Error{"the attachment '" + attachment.name + "' cannot be read", path});
    return bytes;
}

Expected<AttachedFile> AttachedFile::open(const std::string& container, const std::string& name)
{
    const auto facts = read_matroska(container);
    if (!facts) return tl::unexpected(facts.error());
    const Attachment* attachment = find_attachment(*facts, name);
    if (attachment == nullptr) return tl::unexpected(Error{"has no attachment '" + name + "'", container});
    const auto bytes = read_attachment(container, *attachment);
    if (!bytes) return tl::unexpected(bytes.error());
    AttachedFile file(memfd_create("stemwire-attachment", MFD_CLOEXEC));
    for (std::size_t done = 0; done < bytes->size();) {
        const auto written = write(file.descriptor_, bytes->data() + done, bytes->size() - done);
        if (written <= 0) return tl::unexpected(Error{std::string("cannot be unpacked: ") + std::strerror(errno), container});
        done += static_cast<std::size_t>(written);
    }
    return file;
}

AttachedFile::~AttachedFile()
{
    if (descriptor_ >= 0) close(descriptor_);
}

AttachedFile::AttachedFile(AttachedFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

}  // namespace stemwire::media
