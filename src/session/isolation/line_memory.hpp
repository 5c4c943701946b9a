// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "rt/published.hpp"
#include "session/shared/shared_layout.hpp"
#include "stemwire/error.hpp"
#include "stemwire/transport.hpp"

/// What a session and the process of one isolated node share: audio there and back, cycle by cycle, and what one says to the other beside it.
namespace stemwire::session::isolation {

inline constexpr std::uint32_t most_pieces = 1'024;  ///< cycles on their way; a power of two

/// What the memory is made for.
struct LineShape {
    std::uint32_t inputs = 0;      ///< channels
    std::uint32_t outputs = 0;
    std::uint32_t latency = 0;     ///< frames from what goes in to what comes out of it
    std::uint32_t values = 0;      ///< live parameters
    std::uint32_t meters = 0;      ///< room for them
    std::uint32_t quantum = 0;     ///< that the node is to be prepared for
    double rate_hz = 0;
    std::size_t text = 0;          ///< bytes of the preset

    /// Frames of each channel's ring, a power of two: as much again as can be asked for at once, so that who is a little late loses nothing for good.
    [[nodiscard]] std::uint32_t ring() const noexcept;
};

/// One cycle that is to be processed.
struct Piece {
    std::uint64_t begin = 0;       ///< frames that went in before
    std::uint32_t frames = 0;
    TransportCycle transport{};
};

/// What sources are to be ready for; a later wish may be for the same epoch.
struct CueWish {
    Cue cue{};
    std::uint64_t number = 0;      ///< 0: none yet
};

/// Only plain data and atomic words, none with an address in it; each field has one process that writes it.
struct LineHead {
    LineShape shape;                              ///< fixed

    // The session's.
    std::atomic<std::uint64_t> written{0};        ///< frames that went in
    std::atomic<std::uint64_t> handed{0};         ///< pieces that may be read
    rt::Published<TransportSegment> playing;      ///< at the end of the latest cycle
    rt::Published<CueWish> cue;
    std::atomic<std::uint64_t> late{0};           ///< frames by which what the node hears lags the timeline
    std::array<Piece, most_pieces> pieces;

    // The node's process's.
    std::atomic<std::uint64_t> begun{0};          ///< frames before this one it has not seen
    std::atomic<std::uint64_t> worked{0};         ///< pieces that it is done with
    std::atomic<std::uint64_t> done{0};           ///< frames that may come out, from `begun` on
    std::atomic<std::uint32_t> lives{0};          ///< processes that there have been
    std::atomic<std::uint64_t> cue_answered{0};   ///< number of the latest wish that it has taken
    shared::NodeRecord record;
};

/// The memory itself: anonymous, found by a file descriptor that the other process inherits.
class LineMemory {
public:
    /// Zeros, all of it touched, and the preset's text.
    [[nodiscard]] static Expected<std::unique_ptr<LineMemory>> make(LineShape shape, std::string_view text);
    /// Of the process that made it; takes the descriptor over.
    [[nodiscard]] static Expected<std::unique_ptr<LineMemory>> open(int descriptor);
    ~LineMemory();
    LineMemory(const LineMemory&) = delete;
    LineMemory& operator=(const LineMemory&) = delete;

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    [[nodiscard]] const LineShape& shape() const noexcept { return shape_; }
    [[nodiscard]] LineHead& head() const noexcept { return *reinterpret_cast<LineHead*>(memory_.data()); }
    [[nodiscard]] std::span<std::atomic<double>> values() const noexcept;
    [[nodiscard]] std::span<shared::MeterRecord> meters() const noexcept;
    /// A channel's ring: frame `n` is at `n % shape().ring()`.
    [[nodiscard]] float* input(std::size_t channel) const noexcept { return rings() + channel * shape_.ring(); }
    [[nodiscard]] float* output(std::size_t channel) const noexcept { return rings() + (shape_.inputs + channel) * shape_.ring(); }
    [[nodiscard]] std::string_view text() const noexcept;

private:
    LineMemory(int descriptor, const LineShape& shape, std::span<std::byte> memory) : descriptor_(descriptor), shape_(shape), memory_(memory) {}
    [[nodiscard]] static Expected<std::unique_ptr<LineMemory>> map(int descriptor, const LineShape& shape);
    [[nodiscard]] float* rings() const noexcept;

    int descriptor_;
    LineShape shape_;               ///< a copy: the other process cannot change what we rely on
    std::span<std::byte> memory_;
};

}  // namespace stemwire::session::isolation
