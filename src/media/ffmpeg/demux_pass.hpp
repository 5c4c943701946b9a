// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "media/ffmpeg/av.hpp"

namespace stemwire::media {

/// Where in a file a pass begins: its beginning, or where a seek for one of its streams leads.
struct PassOrigin {
    enum class Kind { beginning, timestamp, byte };
    Kind kind = Kind::beginning;
    std::int64_t key = 0;  ///< passes of the same kind and key are the same to whoever joins them
    int stream = 0;        ///< the stream for which the seek is made
    std::int64_t at = 0;   ///< in its time base, or a byte

    [[nodiscard]] bool same_as(const PassOrigin& other) const noexcept { return kind == other.kind && key == other.key; }
};

/// One reading of a file from one place on, shared by those who want its streams: what one of them reads past, the others find in
/// their queues. A queue that grows too long is given up, and who owned it is told to read for itself.
/// Guarantee: blocking; any number of threads but realtime ones.
class DemuxPass {
public:
    using Seat = std::size_t;

    /// A place is kept for one reader of each of `streams` (indices in the file; a stream may stand there more than once).
    DemuxPass(FormatPointer format, const PassOrigin& origin, std::span<const int> streams);

    /// Makes the seek that the origin asks for: 0 or an AVERROR. Before anything else.
    [[nodiscard]] int begin();

    [[nodiscard]] const PassOrigin& origin() const noexcept { return origin_; }

    /// A place for a reader of this stream, who gets every packet since the pass began; nothing where there is none (any more).
    [[nodiscard]] std::optional<Seat> take_seat(int stream);
    void leave(Seat seat);
    /// Nobody reads here, and nobody can be sure to come.
    [[nodiscard]] bool deserted() const;

    enum class Result { packet, end, error, given_up };
    struct Next {
        Result result;
        int error = 0;  ///< AVERROR
    };
    /// Moves the seat's next packet to `packet`. After `given_up` nothing more comes.
    [[nodiscard]] Next next(Seat seat, AVPacket& packet);

    /// Which packet a reader had last.
    struct Mark {
        std::uint64_t read = 0;      ///< how many there were
        std::int64_t position = -1;  ///< byte in the file; −1: the container does not say
        int of_position = 0;         ///< how many there were at this byte: those of one lace share it
    };
    [[nodiscard]] Mark mark(Seat seat) const;

    /// The context for use in another pass. Only when nobody reads here any more; but whose queue was given up may leave meanwhile.
    [[nodiscard]] FormatPointer release();

private:
    struct Reader {
        int stream;
        enum class State { expected, seated, left, given_up } state = State::expected;
        std::deque<PacketPointer> queue{};
        std::size_t bytes = 0;
        Mark mark{};
        [[nodiscard]] bool wants(int other) const { return stream == other && (state == State::expected || state == State::seated); }
    };

    void hand_out(const AVPacket& packet);
    void enqueue(Reader& reader, const AVPacket& packet);
    void forget(Reader& reader, Reader::State state);
    void discard_unwanted();

    mutable std::mutex mutex_;
    FormatPointer format_;
    PassOrigin origin_;
    std::deque<Reader> readers_;
    int ended_ = 0;  ///< AVERROR_EOF or what else ended the reading
};

}  // namespace stemwire::media
