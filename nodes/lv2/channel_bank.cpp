// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/lv2/channel_bank.hpp"

#include <algorithm>
#include <cmath>

namespace stemwire::nodes::lv2 {

namespace {

// What is louder (+200 dB) is no sound but a fault, like what is no number.
constexpr float loudest = 1e10f;
constexpr float quietest = 1e-8f;  // −160 dB of full scale: the noise of single precision, for ever in a filter's loop
constexpr double rest_seconds = 1.0;
constexpr double ringing_seconds = 5.0;
constexpr std::uint32_t probe_frames = 64;
constexpr int probe_runs = 4;  // some say in a run what they knew when it began

/// Copies what is sound; true where there is any.
bool copy_sound(const float* in, float* out, std::uint32_t frames) noexcept
{
    float peak = 0.0f;
    for (std::uint32_t i = 0; i < frames; ++i) {
        out[i] = std::abs(in[i]) <= loudest ? in[i] : 0.0f;
        peak = std::max(peak, std::abs(out[i]));
    }
    return peak > quietest;
}

}  // namespace

std::optional<std::size_t> copies_for(const Plugin& plugin, std::size_t channels) noexcept
{
    const std::size_t inputs = plugin.count(PortRole::audio_in);
    if (inputs == channels || inputs == 0) return 1;
    return inputs == 1 && plugin.count(PortRole::audio_out) == 1 ? std::optional(channels) : std::nullopt;
}

ChannelBank::ChannelBank(const Settings& settings, const LiveParameters& live, const std::string& address, std::size_t channels)
    : plugin_(*find_plugin(settings.text("uri"))), copies_(copies_for(plugin_, channels).value_or(1)),
      tail_s_(settings.given("tail") ? std::optional(settings.number("tail")) : std::nullopt)
{
    for (const Parameter& row : plugin_.rows())
        followers_.push_back({&live.at(address + "params." + std::string(row.name)), std::nan("")});
}

Expected<void> ChannelBank::prepare(const InstanceOptions& options)
{
    options_ = options;
    instances_.clear();
    if (auto found = find_latency(); !found) return found;
    for (std::size_t copy = 0; copy < copies_; ++copy) {
        auto made = Instance::make(plugin_, options);
        if (!made) return tl::unexpected(made.error());
        instances_.push_back(std::move(*made));
    }
    const std::size_t side_chain = plugin_.count(PortRole::side_chain_in);
    const std::size_t inputs = plugin_.count(PortRole::audio_in);
    clean_.assign(inputs * copies_ + side_chain, std::vector<float>(options.largest_run));
    inputs_of_.assign(copies_, {});
    for (std::size_t copy = 0; copy < copies_; ++copy) {
        for (std::size_t input = 0; input < inputs; ++input) inputs_of_[copy].push_back(clean_[copy * inputs + input].data());
        for (std::size_t input = 0; input < side_chain; ++input) inputs_of_[copy].push_back(clean_[copies_ * inputs + input].data());
    }
    for (Follower& follower : followers_) follower.seen = std::nan("");
    follow();
    silent_frames_ = 0;
    rests_.store(false, std::memory_order_relaxed);
    return {};
}

/// Plugins know it only after they have run, of which nothing may be left in those that play.
Expected<void> ChannelBank::find_latency()
{
    latency_ = 0;
    if (plugin_.count(PortRole::latency) > 0) {
        InstanceOptions options = options_;
        options.offline = true;
        auto probe = Instance::make(plugin_, options);
        if (!probe) return tl::unexpected(probe.error());
        for (std::size_t row = 0; row < followers_.size(); ++row) (*probe)->set(row, followers_[row].value->get());
        const std::uint32_t frames = std::min(probe_frames, options_.largest_run);
        const std::vector<float> silence(frames);
        const std::vector<const float*> inputs(plugin_.count(PortRole::audio_in) + plugin_.count(PortRole::side_chain_in), silence.data());
        std::vector<std::vector<float>> unheard(plugin_.count(PortRole::audio_out), silence);
        std::vector<float*> outputs;
        for (auto& channel : unheard) outputs.push_back(channel.data());
        for (int run = 0; run < probe_runs; ++run) (*probe)->run(inputs, outputs, frames);
        latency_ = (*probe)->latency();
    }
    latency_now_.store(latency_, std::memory_order_relaxed);
    return {};
}

void ChannelBank::follow() noexcept
{
    for (std::size_t row = 0; row < followers_.size(); ++row) {
        const double value = followers_[row].value->get();
        if (value == followers_[row].seen) continue;
        followers_[row].seen = value;
        for (const auto& instance : instances_) instance->set(row, value);
    }
}

void ChannelBank::process(std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t frames) noexcept
{
    const bool heard = take_inputs(inputs, frames);
    if (rests() && !heard) {
        for (float* output : outputs) std::fill_n(output, frames, 0.0f);
        return;
    }
    run(outputs, frames);
    bool sounds = heard;
    for (float* output : outputs) sounds = copy_sound(output, output, frames) || sounds;
    silent_frames_ = sounds ? 0 : silent_frames_ + frames;
    const Frames patience = std::max(tail(), seconds_to_frames(rest_seconds, options_.rate_hz)) + latency_;
    rests_.store(silent_frames_ >= patience && !inputs.empty(), std::memory_order_relaxed);
}

bool ChannelBank::take_inputs(std::span<const float* const> inputs, std::uint32_t frames) noexcept
{
    bool heard = false;
    for (std::size_t input = 0; input < inputs.size(); ++input) heard = copy_sound(inputs[input], clean_[input].data(), frames) || heard;
    return heard;
}

void ChannelBank::run(std::span<float* const> outputs, std::uint32_t frames) noexcept
{
    const std::size_t each = outputs.size() / instances_.size();
    for (std::size_t copy = 0; copy < instances_.size(); ++copy)
        instances_[copy]->run(inputs_of_[copy], outputs.subspan(copy * each, each), frames);
    latency_now_.store(instances_.front()->latency(), std::memory_order_relaxed);
}

Frames ChannelBank::tail() const noexcept
{
    return seconds_to_frames(tail_s_.value_or(plugin_.rings() ? ringing_seconds : 0.0), options_.rate_hz);
}

std::optional<std::uint32_t> ChannelBank::other_latency() const noexcept
{
    const std::uint32_t now = latency_now_.load(std::memory_order_relaxed);
    return now == latency_ ? std::nullopt : std::optional(now);
}

}  // namespace stemwire::nodes::lv2
