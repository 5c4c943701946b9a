// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/track/track.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "nodes/track/parameters.hpp"

namespace stemwire {

namespace nodes {

namespace {

constexpr double fade_s = 0.005;

media::StreamRequest request_of(const NodeSource& source)
{
    const Settings& settings = source.settings;
    media::StreamRequest request{.takes = takes_of(settings)};
    request.draw.pick = static_cast<std::size_t>(settings.number("pick"));
    for (const auto& [number, point] : settings["reshuffle"].records) request.draw.reshuffle_seconds.push_back(point.number("at"));
    request.draw.seed = static_cast<std::uint64_t>(settings.number("seed"));
    request.channels = source.ports.outputs.front().layout;
    request.start_seconds = settings.number("start");
    if (const auto& trim = settings["trim"].numbers; trim.size() == 2) {
        request.trim_from = trim[0];
        request.trim_to = trim[1];
    }
    request.loop_count = settings.number("loop");
    request.quality = settings.text("resample");
    request.buffer_seconds = settings.number("buffer");
    return request;
}

Expected<std::unique_ptr<Node>> make_track(const NodeSource& source)
{
    auto stream = source.decoders.open(request_of(source));
    if (!stream) return tl::unexpected(stream.error());
    return std::make_unique<Track>(source.settings, std::move(*stream));
}

}  // namespace

Track::Track(const Settings& settings, std::unique_ptr<media::DecodedStream> stream)
    : Node(settings), stream_(std::move(stream)), gain_db_(live().at("gain")), mute_(live().at("mute")), start_s_(settings.number("start")),
      endless_(std::isinf(settings.number("loop")))
{
    Meter& meter = meters_.emplace_back();
    meter.name = "output";
    meter.is_output = true;
}

Expected<void> Track::prepare(const Preparation& preparation)
{
    const double rate_hz = preparation.rate_hz;
    start_ = seconds_to_frames(start_s_, rate_hz);
    fade_frames_ = static_cast<std::uint32_t>(seconds_to_frames(fade_s, rate_hz));
    gain_.prepare(rate_hz, wanted_gain());
    ballistics_.prepare(rate_hz);
    old_.assign(stream_->channels(), std::vector<float>(fade_frames_));
    old_at_ = old_end_ = 0;
    faded_in_ = fade_frames_;
    at_.assign(stream_->channels(), nullptr);
    rolling_ = false;
    missing_.store(0);
    return stream_->prepare(rate_hz, preparation.offline);
}

void Track::cue(const Cue& cue)
{
    looping_.store(cue.loops() && cue.start < cue.loop_to, std::memory_order_relaxed);
    stream_->cue(cue);
}

float Track::wanted_gain() noexcept
{
    if (const double now_db = gain_db_.get(); now_db != std::exchange(seen_gain_db_, now_db)) open_gain_ = static_cast<float>(decibels_to_linear(now_db));
    return mute_.get() != 0.0 ? 0.0f : open_gain_;
}

void Track::process(const Block& block) noexcept
{
    for (const TransportSegment& segment : block.transport.segments()) play(segment, block.outputs);
    apply_gain(block);
    publish_level(block);
}

void Track::turn_to(const TransportSegment& segment) noexcept
{
    if (segment.rolling == rolling_ && (segment.epoch == epoch_ || !rolling_)) return;
    if (rolling_) {
        for (std::size_t channel = 0; channel < at_.size(); ++channel) at_[channel] = old_[channel].data();
        stream_->read(epoch_, position_, at_, fade_frames_);
        old_at_ = 0;
        old_end_ = fade_frames_;
    }
    faded_in_ = segment.timeline > start_ ? 0 : fade_frames_;
    rolling_ = segment.rolling;
    epoch_ = segment.epoch;
}

void Track::play(const TransportSegment& segment, std::span<float* const> out) noexcept
{
    turn_to(segment);
    for (std::size_t channel = 0; channel < at_.size(); ++channel) at_[channel] = out[channel] + segment.offset;
    if (rolling_) {
        const auto [missing, before] = stream_->read(epoch_, segment.unrolled, at_, segment.frames);
        missing_.store(missing_.load(std::memory_order_relaxed) + missing, std::memory_order_relaxed);
        position_ = segment.unrolled + segment.frames;
        fade_in(at_, before, segment.frames);
    } else {
        for (float* plane : at_) std::fill_n(plane, segment.frames, 0.0f);
    }
    fade_out_old(at_, segment.frames);
}

/// Who joins in is silent until `from`, and fades in there.
void Track::fade_in(std::span<float* const> out, std::uint32_t from, std::uint32_t frames) noexcept
{
    const std::uint32_t count = std::min(frames - from, fade_frames_ - faded_in_);
    for (float* plane : out)
        for (std::uint32_t i = 0; i < count; ++i) plane[from + i] *= static_cast<float>(faded_in_ + i) / static_cast<float>(fade_frames_);
    faded_in_ += count;
}

void Track::fade_out_old(std::span<float* const> out, std::uint32_t frames) noexcept
{
    const std::uint32_t count = std::min(frames, old_end_ - old_at_);
    for (std::size_t channel = 0; channel < out.size(); ++channel)
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::uint32_t left = fade_frames_ - old_at_ - i;
            out[channel][i] += old_[channel][old_at_ + i] * static_cast<float>(left) / static_cast<float>(fade_frames_);
        }
    old_at_ += count;
}

void Track::apply_gain(const Block& block) noexcept
{
    gain_.set_target(wanted_gain());
    const bool changes_nothing = gain_.target() == 1.0f && !gain_.moves();
    if (!changes_nothing)
        for (float* plane : block.outputs) gain_.apply(plane, plane, block.frames);
    gain_.advance(block.frames);
}

void Track::publish_level(const Block& block) noexcept
{
    dsp::Level level;
    for (const float* plane : block.outputs) level = level + dsp::measure(plane, block.frames);
    ballistics_.begin_block(block.frames);
    ballistics_.update(meters_.front(), level, block.outputs.size());
}

}  // namespace nodes

extern const NodeType track_type;
const NodeType track_type{"track", "plays one audio stream of a file, or takes that are drawn, in time with the transport", "out: output_*, the file's channels",
                          nodes::track_parameters(), &nodes::track_ports, &nodes::check_track, &nodes::make_track};

}  // namespace stemwire
