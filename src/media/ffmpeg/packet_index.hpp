// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "media/ffmpeg/av.hpp"
#include "media/ffmpeg/packet_clock.hpp"

namespace stemwire::media {

/// Where in a file which sample begins, for files whose timestamps cannot say it: found by reading the file's packets once,
/// without decoding them, as far as somebody asked. Guarantee: blocking; any number of threads but realtime ones.
class PacketIndex {
public:
    struct Entry {
        std::int64_t position = 0;   ///< byte in the file
        std::int64_t timestamp = 0;  ///< the packet's own, in its stream's time base
        std::int64_t sample = 0;     ///< as a PacketClock counts from the file's first packet
        std::int64_t samples = 0;    ///< how many the packet has
    };

    explicit PacketIndex(std::string path) : path_(std::move(path)) {}

    /// The last known packet of this stream that begins at or before the sample; reads on in the file until that is certain.
    [[nodiscard]] std::optional<Entry> before(int stream, std::int64_t sample);

    /// The packet at this byte, if it is one of those that are noted.
    [[nodiscard]] std::optional<Entry> at(int stream, std::int64_t position) const;

    /// The sample after the last that is heard; reads the file to its end.
    [[nodiscard]] std::int64_t end(int stream);

private:
    struct Stream {
        PacketClock clock;
        std::vector<Entry> entries{};  ///< in the order of the file
        std::int64_t position = -1;    ///< of the last packet: the packets of one lace share it
        std::int64_t discarded = 0;    ///< samples that the file says are padding at its end
        bool unclear = false;          ///< a packet's length could not be told
    };

    void open();
    bool read_packet();
    void note(Stream& stream, const AVStream& about, const AVPacket& packet);

    std::string path_;
    mutable std::mutex mutex_;
    FormatPointer format_;
    bool opened_ = false;
    bool complete_ = false;
    std::map<int, Stream> streams_;
};

}  // namespace stemwire::media
