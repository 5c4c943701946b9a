// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "media/block_lane.hpp"
#include "media/decode_pool.hpp"
#include "media/take_mix.hpp"
#include "rt/trace.hpp"

namespace stemwire::media {

class TrackStream;

/// Those who fill blocks. Thread: control.
class Workers {
public:
    virtual ~Workers() = default;
    virtual void add(TrackStream& stream) = 0;
    /// Nobody works for the stream, or looks at it, once this has returned.
    virtual void remove(TrackStream& stream) = 0;
    /// There is work that did not wait before.
    virtual void wake() = 0;
};

/// A DecodedStream on two lanes of blocks. It is its workers' from the first prepare to its end.
class TrackStream final : public DecodedStream {
public:
    /// `takes`: one or more, all of the same number of channels.
    TrackStream(const StreamRequest& request, std::vector<std::unique_ptr<Excerpt>> takes, Workers& workers);
    ~TrackStream() override { workers_.remove(*this); }
    TrackStream(const TrackStream&) = delete;
    TrackStream& operator=(const TrackStream&) = delete;

    Expected<void> prepare(double rate_hz, bool offline) override;
    [[nodiscard]] std::size_t channels() const noexcept override { return channels_; }
    void cue(const Cue& cue) override;
    [[nodiscard]] bool cued(Epoch epoch) const noexcept override;
    void fill(std::uint32_t frames) override;
    Delivery read(Epoch epoch, Frames unrolled, std::span<float* const> out, std::uint32_t frames) noexcept override;
    [[nodiscard]] std::optional<Frames> end() const noexcept override;
    [[nodiscard]] double buffered_seconds() const noexcept override;
    [[nodiscard]] std::optional<std::string> take_message() override;

    // ── for workers ──
    /// There is a block to fill, or an epoch to begin. Thread: any.
    [[nodiscard]] bool has_work() const noexcept;
    /// Fills some blocks. One thread at a time.
    void work();
    /// How long the newest epoch's decoded audio lasts.
    [[nodiscard]] double seconds_to_play() const noexcept;

private:
    void prepare_source(double rate_hz);
    [[nodiscard]] double seconds_in(const BlockLane* lane) const noexcept;
    [[nodiscard]] BlockLane* take_lane(Epoch epoch) noexcept;
    [[nodiscard]] bool tops_up() const noexcept;
    void begin_epoch();
    [[nodiscard]] bool fill_block();
    void fill(AudioBlock& block);
    [[nodiscard]] Frames silence_at(Frames timeline, Frames run) const;
    [[nodiscard]] std::uint32_t read_source(const AudioBlock& block, std::uint32_t done, Frames timeline, std::uint32_t count);
    void note_progress();

    StreamRequest request_;
    rt::trace::Name mark_;
    Workers& workers_;
    std::size_t channels_;
    double rate_hz_ = 0.0;

    std::mutex work_mutex_;             ///< guards what decodes: from here to written_to_
    std::vector<std::unique_ptr<Excerpt>> takes_;  ///< before prepare
    std::unique_ptr<TakeMix> source_;
    Frames content_begin_ = 0;  ///< timeline frame of the source's frame 0
    Frames ready_frames_ = 0;
    Cue cue_{};
    Frames written_to_ = 0;     ///< unrolled

    std::array<std::unique_ptr<BlockLane>, 2> lanes_;
    std::atomic<BlockLane*> filling_{nullptr};
    std::atomic<BlockLane*> playing_{nullptr};  ///< written by the realtime side
    std::atomic<Frames> content_end_{endless};  ///< timeline frame after the source's last, once known
    std::atomic<bool> looping_{false};          ///< the newest epoch comes to no end

    mutable std::mutex message_mutex_;  ///< guards what control says and hears
    std::optional<Cue> wanted_;
    std::atomic<bool> has_wanted_{false};
    std::vector<std::string> messages_;
};

}  // namespace stemwire::media
