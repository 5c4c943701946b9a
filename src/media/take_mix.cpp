// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/take_mix.hpp"

#include <algorithm>

namespace stemwire::media {

namespace {

constexpr std::uint32_t most_frames = 1024;

std::vector<float*> shifted(std::span<float* const> planes, std::uint32_t frames)
{
    std::vector<float*> at(planes.begin(), planes.end());
    for (float*& plane : at) plane += frames;
    return at;
}

}  // namespace

TakeMix::TakeMix(std::vector<std::unique_ptr<RateSource>> takes, std::vector<TakeRow> rows)
    : takes_(std::move(takes)), rows_(std::move(rows)), awake_(takes_.size(), true),
      spare_(takes_.front()->channels(), std::vector<float>(most_frames))
{
    for (auto& channel : spare_) spare_at_.push_back(channel.data());
    seek(0);
}

void TakeMix::seek(Frames frame)
{
    position_ = frame;
    rest_unheard(stretch_at(frame, 1));
}

TakeMix::Stretch TakeMix::stretch_at(Frames frame, std::uint32_t count) const
{
    const auto after = std::ranges::upper_bound(rows_, frame, {}, &TakeRow::begin);
    const auto row = static_cast<std::size_t>(after - rows_.begin()) - 1;
    const Frames fade_end = rows_[row].begin + rows_[row].fade;
    const bool fades = frame < fade_end;
    const bool last = row + 1 == rows_.size() && !fades;
    const Frames end = fades ? fade_end : last ? endless : rows_[row + 1].begin;
    return {row, static_cast<std::uint32_t>(std::min<Frames>(end - frame, count)), fades, last};
}

/// The take that is heard alone and as it is.
std::optional<std::size_t> TakeMix::only_take(const Stretch& stretch) const
{
    const auto& weights = rows_[stretch.row].weights;
    const auto first = std::ranges::find_if(weights, [](float weight) { return weight != 0.0f; });
    const bool more = std::find_if(first + 1, weights.end(), [](float weight) { return weight != 0.0f; }) != weights.end();
    if (stretch.fades || more || *first != 1.0f) return std::nullopt;
    return static_cast<std::size_t>(first - weights.begin());
}

void TakeMix::rest_unheard(const Stretch& stretch)
{
    if (stretch.fades || rested_for_ == stretch.row) return;
    rested_for_ = stretch.row;
    for (std::size_t take = 0; take < takes_.size(); ++take) {
        if (!awake_[take] || rows_[stretch.row].weights[take] != 0.0f) continue;
        takes_[take]->rest();
        awake_[take] = false;
    }
}

std::uint32_t TakeMix::read(std::span<float* const> out, std::uint32_t count)
{
    std::uint32_t done = 0;
    while (done < count) {
        const Stretch stretch = stretch_at(position_, std::min(count - done, most_frames));
        rest_unheard(stretch);
        const std::uint32_t got = mix(stretch, shifted(out, done));
        const std::uint32_t taken = stretch.last ? got : stretch.frames;
        position_ += taken;
        done += taken;
        if (taken < stretch.frames) {
            note_end();
            break;
        }
    }
    return done;
}

/// Returns how many frames any take had; the rest of the stretch is silent.
std::uint32_t TakeMix::mix(const Stretch& stretch, std::span<float* const> out)
{
    if (const auto only = only_take(stretch)) {
        awake_[*only] = true;
        takes_[*only]->seek(position_);
        const std::uint32_t got = takes_[*only]->read(out, stretch.frames);
        for (float* plane : out) std::fill(plane + got, plane + stretch.frames, 0.0f);
        return got;
    }
    for (float* plane : out) std::fill_n(plane, stretch.frames, 0.0f);
    const TakeRow& row = rows_[stretch.row];
    std::uint32_t most = 0;
    for (std::size_t take = 0; take < takes_.size(); ++take) {
        const float old = stretch.fades ? rows_[stretch.row - 1].weights[take] : row.weights[take];
        if (old == 0.0f && row.weights[take] == 0.0f) continue;
        const float step = stretch.fades ? (row.weights[take] - old) / static_cast<float>(row.fade) : 0.0f;
        awake_[take] = true;
        most = std::max(most, add(*takes_[take], out, stretch.frames, old + step * static_cast<float>(position_ - row.begin), step));
    }
    return most;
}

std::uint32_t TakeMix::add(RateSource& take, std::span<float* const> out, std::uint32_t frames, float from, float step)
{
    take.seek(position_);
    const std::uint32_t got = take.read(spare_at_, frames);
    for (std::size_t channel = 0; channel < spare_.size(); ++channel)
        for (std::uint32_t i = 0; i < got; ++i) out[channel][i] += spare_[channel][i] * (from + step * static_cast<float>(i));
    return got;
}

/// Where the last sound of any row ends. A take whose end has not been met lasts to its row's.
void TakeMix::note_end()
{
    Frames end = 0;
    for (std::size_t row = 0; row < rows_.size(); ++row) {
        const Frames row_end = row + 1 < rows_.size() ? rows_[row + 1].begin + rows_[row + 1].fade : endless;
        for (std::size_t take = 0; take < takes_.size(); ++take)
            if (rows_[row].weights[take] != 0.0f) end = std::max(end, std::min(row_end, takes_[take]->length().value_or(endless)));
    }
    length_ = end;
}

std::optional<std::string> TakeMix::take_message()
{
    for (const auto& take : takes_)
        if (auto message = take->excerpt().take_message()) return message;
    return std::nullopt;
}

std::vector<std::unique_ptr<Excerpt>> TakeMix::release()
{
    std::vector<std::unique_ptr<Excerpt>> excerpts;
    for (const auto& take : takes_) excerpts.push_back(take->release());
    return excerpts;
}

}  // namespace stemwire::media
