// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "nodes/recorder/take_writer.hpp"
#include "nodes/recorder/tape.hpp"
#include "stemwire/node.hpp"

namespace stemwire::nodes {

/// Writes what arrives into files. Each start begins a take, a file of its own; with the transport, from the very frame on which it rolls to
/// the one on which it stops, through seeks and loops. What it hears may be late: all that begins and ends a take is done as much later, so
/// that takes of one session are of the same frames of the timeline. A thread of its own encodes. What comes while the queue is full, or in
/// a cycle that was missed, is counted as missing; the file has silence there and keeps time. Offline nothing is dropped: fill() encodes.
class Recorder final : public Node {
public:
    Recorder(const Settings& settings, const Ports& ports, TakePattern pattern);
    /// Ends the take and waits until its file is whole.
    ~Recorder() override { finish(); }

    Expected<void> prepare(const Preparation& preparation) override;
    void process(const Block& block) noexcept override STEMWIRE_ON(audio_thread);

    void fill(std::uint32_t frames) override;
    void finish() override;
    void hear_late(Frames frames) noexcept override { late_.store(frames, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t missing_frames() const noexcept override { return dropped_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::optional<std::string> take_message() override;

private:
    enum class When : std::uint8_t { transport, always, manual };

    /// A wish of the transport or of control, until what belongs to it is heard.
    struct Wish {
        enum class What : std::uint8_t { start, stop, split };
        What what = What::start;
        Frames at = 0;  ///< position on the tape
    };
    static constexpr std::size_t most_wishes = 64;

    [[nodiscard]] bool wanted(const TransportSegment& segment) const noexcept;
    void pass(const TransportSegment& segment, const Block* block) noexcept;
    void look_for_wishes(const TransportSegment& segment) noexcept;
    void wish(Wish::What what) noexcept;
    void fulfil() noexcept;
    [[nodiscard]] std::uint32_t until_next_wish(std::uint32_t frames) const noexcept;
    void turn(bool wanted) noexcept;
    void split() noexcept;
    void keep_time(const Block& block) noexcept;
    void expect_next(const Block& block) noexcept;
    void drop(std::uint32_t frames) noexcept;
    [[nodiscard]] std::optional<std::string> take_loss();

    const LiveValue& arm_;
    const LiveValue& record_;
    const LiveValue& split_;
    When when_;
    TakePattern pattern_;
    media::EncodeRequest request_;
    double preroll_s_;
    double queue_s_;
    std::size_t channels_;
    std::atomic<std::uint64_t> dropped_{0};

    std::uint64_t looked_at_ = 0;  ///< of dropped_, when it was last looked at for a message
    std::uint64_t told_ = 0;       ///< of dropped_, that a message has told

    std::unique_ptr<Tape> tape_;
    std::unique_ptr<TakeWriter> writer_;
    std::jthread worker_;                  ///< not offline
    Frames preroll_ = 0;
    Frames longest_gap_ = 0;
    TransportSegment before_;              ///< of the latest cycle, where it ended
    Frames next_clock_ = 0;                ///< at which the next cycle should begin; 0: none has been
    std::atomic<Frames> late_{0};          ///< by how much what is heard lags the transport
    std::array<Wish, most_wishes> wishes_{};  ///< [0 … wish_count_), in the order of time
    std::size_t wish_count_ = 0;
    bool asked_ = false;                   ///< to record, by the latest wish
    bool due_ = false;                     ///< to record, by the wishes whose time has come
    bool split_due_ = false;
    double split_seen_ = 0;
    bool recording_ = false;
};

}  // namespace stemwire::nodes
