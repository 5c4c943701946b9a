// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "media/take_plan.hpp"
#include "stemwire/error.hpp"
#include "stemwire/layout.hpp"
#include "stemwire/transport.hpp"

namespace stemwire::media {

/// One of several recordings of a part.
struct TakeRequest {
    std::string file;    ///< absolute
    std::string stream;  ///< as StreamRequest::stream
};

/// Which audio of which file, and how it lies on the timeline. Times are in seconds of the file (trim) or the timeline.
struct StreamRequest {
    std::string file;                 ///< absolute
    std::string stream;               ///< "" (best), an index among the file's audio streams, a title, or a language
    std::vector<TakeRequest> takes{}; ///< where there are any they are drawn instead of `file` and `stream`
    TakeDraw draw;                    ///< how
    ChannelLayout channels{};         ///< channels wanted; empty: the file's own (where takes differ: needed)
    double start_seconds = 0.0;       ///< where on the timeline the file begins
    std::optional<double> trim_from;  ///< only this part of the file is heard
    std::optional<double> trim_to;
    double loop_count = 1.0;          ///< how often it is played; infinity: for ever
    std::string quality = "best";     ///< of resampling: best, high, fast
    double buffer_seconds = 1.0;      ///< decoded ahead
};

/// Of the frames that were read: how many should have been there and were not, and how many at the front lie before those that the epoch was cued for.
struct Delivery {
    std::uint32_t missing = 0;
    std::uint32_t before = 0;
};

/// One track's audio on its way from a decode worker to the realtime side.
/// Threads: control calls prepare, cue and the queries; one realtime thread calls read.
class DecodedStream {
public:
    virtual ~DecodedStream() = default;

    /// Brings the stream to this rate and throws away what was decoded. Never beside read.
    virtual Expected<void> prepare(double rate_hz, bool offline) = 0;
    [[nodiscard]] virtual std::size_t channels() const noexcept = 0;

    /// Decodes for a new epoch from now on. What is decoded for the old one stays playable until the first read of the new.
    virtual void cue(const Cue& cue) = 0;
    /// True when as much as the buffer holds (or all there is, or 200 ms while others wait) is decoded for this epoch.
    [[nodiscard]] virtual bool cued(Epoch epoch) const noexcept = 0;
    /// Decodes on the calling thread until `frames` more frames can be read. Offline only.
    virtual void fill(std::uint32_t frames) = 0;

    /// Copies the frames `unrolled` … `unrolled + frames − 1` of an epoch to `out[channel]`, silence where they are not there or the
    /// file has none or they lie before `Cue::first()`. Guarantee: wait-free.
    virtual Delivery read(Epoch epoch, Frames unrolled, std::span<float* const> out, std::uint32_t frames) noexcept = 0;

    /// The unrolled timeline frame of the current epoch at which the stream has ended, once decoding has come that far.
    [[nodiscard]] virtual std::optional<Frames> end() const noexcept = 0;
    /// Seconds of audio decoded ahead of the last read.
    [[nodiscard]] virtual double buffered_seconds() const noexcept = 0;
    /// A damaged or vanished file, said once.
    [[nodiscard]] virtual std::optional<std::string> take_message() = 0;
};

/// The decode workers that all tracks share, and the demuxers that tracks on one file share. Workers sleep and poll (the
/// realtime side never wakes anyone), and serve the stream that would run dry first.
class DecodePool {
public:
    /// `workers` 0: none; streams are decoded by fill() only (offline).
    explicit DecodePool(unsigned workers);
    ~DecodePool();
    DecodePool(const DecodePool&) = delete;
    DecodePool& operator=(const DecodePool&) = delete;

    /// Opens a file. The stream must be destroyed before the pool.
    [[nodiscard]] Expected<std::unique_ptr<DecodedStream>> open(const StreamRequest& request);

    struct Impl;

private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace stemwire::media
