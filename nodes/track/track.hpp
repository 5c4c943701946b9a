// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "dsp/meter_ballistics.hpp"
#include "dsp/ramp.hpp"
#include "media/decode_pool.hpp"
#include "stemwire/node.hpp"

namespace stemwire::nodes {

/// Plays one audio stream of a file in time with the transport. What is decoded late is silence and counted; the rest stays in time.
/// Where playing begins or breaks off inside the file (a seek, a stop) there is a linear fade of 5 ms, after the change: at a seek
/// the old place fades out over the new one. The file's own first frame is not faded, nor is a loop's join.
class Track final : public Node {
public:
    Track(const Settings& settings, std::unique_ptr<media::DecodedStream> stream);

    Expected<void> prepare(const Preparation& preparation) override;
    void process(const Block& block) noexcept override STEMWIRE_ON(audio_thread);

    void cue(const Cue& cue) override;
    [[nodiscard]] bool cued(Epoch epoch) const noexcept override { return stream_->cued(epoch); }
    void fill(std::uint32_t frames) override { stream_->fill(frames + fade_frames_); }
    [[nodiscard]] std::optional<Frames> end() const noexcept override { return stream_->end(); }
    [[nodiscard]] bool end_known() const noexcept override
    {
        return endless_ || looping_.load(std::memory_order_relaxed) || end().has_value();
    }
    [[nodiscard]] std::uint64_t missing_frames() const noexcept override { return missing_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::optional<double> buffered_seconds() const noexcept override { return stream_->buffered_seconds(); }
    [[nodiscard]] std::optional<std::string> take_message() override { return stream_->take_message(); }

private:
    void turn_to(const TransportSegment& segment) noexcept;
    void play(const TransportSegment& segment, std::span<float* const> out) noexcept;
    void fade_in(std::span<float* const> out, std::uint32_t from, std::uint32_t frames) noexcept;
    void fade_out_old(std::span<float* const> out, std::uint32_t frames) noexcept;
    [[nodiscard]] float wanted_gain() noexcept;
    void apply_gain(const Block& block) noexcept;
    void publish_level(const Block& block) noexcept;

    std::unique_ptr<media::DecodedStream> stream_;
    const LiveValue& gain_db_;
    const LiveValue& mute_;
    double start_s_;
    bool endless_;
    std::atomic<bool> looping_{false};
    std::atomic<std::uint64_t> missing_{0};

    Frames start_ = 0;               ///< timeline frame of the file's first
    std::uint32_t fade_frames_ = 0;
    double seen_gain_db_ = 0.0;      ///< what follows was made of
    float open_gain_ = 1.0f;
    dsp::Ramp gain_;
    dsp::MeterBallistics ballistics_;
    std::vector<std::vector<float>> old_;  ///< [channel][frame]: how the last place would have gone on
    std::uint32_t old_at_ = 0;
    std::uint32_t old_end_ = 0;
    std::uint32_t faded_in_ = 0;     ///< frames of the fade in that are done
    std::vector<float*> at_;         ///< the outputs at a segment

    bool rolling_ = false;
    Epoch epoch_ = 0;
    Frames position_ = 0;            ///< unrolled
};

}  // namespace stemwire::nodes
