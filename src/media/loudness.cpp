// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/loudness.hpp"

#include <cmath>
#include <limits>

#include <ebur128.h>

#include "media/interleave.hpp"

namespace stemwire::media {

struct LoudnessMeter::State {
    ebur128_state* meter = nullptr;
    ~State() { ebur128_destroy(&meter); }
};

namespace {

/// BS.1770-4, table 3: surround channels weigh more, the LFE does not count.
channel weight_of(Position position)
{
    switch (position) {
    case Position::LFE: return EBUR128_UNUSED;
    case Position::RL:
    case Position::SL: return EBUR128_LEFT_SURROUND;
    case Position::RR:
    case Position::SR: return EBUR128_RIGHT_SURROUND;
    default: return EBUR128_CENTER;
    }
}

}  // namespace

LoudnessMeter::LoudnessMeter(double rate_hz, const ChannelLayout& layout) : state_(std::make_unique<State>())
{
    const auto channels = static_cast<unsigned>(layout.size());
    state_->meter = ebur128_init(channels, static_cast<unsigned long>(std::lround(rate_hz)), EBUR128_MODE_I);
    if (state_->meter == nullptr) return;  // a rate or a count of channels that the standard does not know: no figure
    for (unsigned i = 0; i < channels; ++i) ebur128_set_channel(state_->meter, i, weight_of(layout[i]));
}

LoudnessMeter::~LoudnessMeter() = default;

void LoudnessMeter::add(std::span<const float* const> channels, std::uint32_t frames)
{
    if (state_->meter == nullptr) return;
    interleave(channels, frames, interleaved_);
    ebur128_add_frames_float(state_->meter, interleaved_.data(), frames);
}

double LoudnessMeter::integrated_lufs() const
{
    double lufs = -std::numeric_limits<double>::infinity();
    if (state_->meter != nullptr) ebur128_loudness_global(state_->meter, &lufs);
    return lufs;
}

}  // namespace stemwire::media
