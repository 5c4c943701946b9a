// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/offline_song.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace stemwire::session {

namespace {

constexpr std::uint32_t large_quantum = 1024;     // costs a fifth less than 256, and stays in the caches
constexpr std::uint32_t feedback_quantum = 256;  // what a feedback link delays is heard, so it is the live default
constexpr Epoch first_epoch = 1;

ChannelLayout sink_layout(const graph::Graph& graph, std::uint32_t external)
{
    ChannelLayout widest = ChannelLayout::stereo();
    for (const graph::OuterLink& link : graph.outer_links)
        if (link.outward && link.external == external && link.layout.size() > widest.size()) widest = link.layout;
    return widest;
}

bool has_outer_link(const graph::Graph& graph, std::uint32_t external, bool outward)
{
    return std::ranges::any_of(graph.outer_links, [&](const graph::OuterLink& link) { return link.external == external && link.outward == outward; });
}

void shift(std::span<const float* const> channels, std::uint32_t offset, std::vector<const float*>& shifted)
{
    shifted.assign(channels.begin(), channels.end());
    for (const float*& channel : shifted) channel += offset;
}

}  // namespace

std::uint32_t OfflineSong::quantum(const OfflineOptions& options) const
{
    const std::uint32_t usual = graph::feeds_back(preset_.graph) ? feedback_quantum : large_quantum;
    return options.quantum.value_or(preset_.quantum.value_or(usual));
}

Errors OfflineSong::prepare(const OfflineOptions& options)
{
    auto instance = Instance::make(preset_, decoders_);
    if (!instance) return instance.error();
    instance_ = std::move(*instance);
    rate_hz_ = preset_.rate_hz.value_or(48000.0);
    const host::OfflineHost::Options cut{.quantum = std::min(quantum(options), largest_quantum), .threads = options.threads};
    const std::uint32_t batch = host::OfflineHost::batch_frames(preset_.graph, cut);
    if (auto errors = instance_->prepare({.rate_hz = rate_hz_, .offline = true, .quantum = quantum(options), .batch = batch}); !errors.empty()) return errors;

    std::optional<Frames> wanted;
    if (options.duration_seconds) wanted = seconds_to_frames(*options.duration_seconds, rate_hz_);
    length_ = std::make_unique<RenderLength>(*instance_, wanted);
    const Cue cue = instance_->make_cue(first_epoch, 0.0, wanted.has_value());
    instance_->transport().schedule({.at_clock = 0, .cue = cue, .rolling = true}, 0);
    instance_->cue(cue);
    host_ = std::make_unique<host::OfflineHost>(instance_->graph(), instance_->runners(), cut);
    host_->end_listeners([this](std::uint32_t node) -> std::optional<Frames> {
        const auto total = length_->total();
        return total && *total != endless ? std::optional(*total + instance_->alignment().node_latency[node]) : std::nullopt;
    });
    return {};
}

Expected<void> OfflineSong::open_inputs(const std::map<std::string, std::string>& inputs)
{
    for (const auto& [name, file] : inputs) {
        const auto external = std::ranges::find(preset_.externals, name, &preset::ExternalModel::name);
        if (external == preset_.externals.end()) return failure("the preset has no external named " + name);
        const auto index = static_cast<std::uint32_t>(external - preset_.externals.begin());
        if (!has_outer_link(preset_.graph, index, false)) return failure("--input " + name + ": no link of the preset takes audio from it");
        auto stream = decoders_.open({.file = std::filesystem::absolute(file).string()});
        if (!stream) return tl::unexpected(stream.error());
        if (auto prepared = (*stream)->prepare(rate_hz_, true); !prepared) return prepared;
        (*stream)->cue({.epoch = first_epoch});
        media::DecodedStream& opened = *inputs_.emplace_back(std::move(*stream));
        length_->also_ends_with(opened);
        host_->set_input(index, ChannelLayout::usual(opened.channels()), [&opened](Frames clock, std::span<float* const> channels, std::uint32_t frames) {
            opened.fill(frames);
            opened.read(first_epoch, clock, channels, frames);
        });
    }
    return {};
}

std::vector<SongOutput> OfflineSong::outputs() const
{
    std::vector<SongOutput> outputs;
    for (std::uint32_t external = 0; external < preset_.externals.size(); ++external)
        if (has_outer_link(preset_.graph, external, true)) outputs.push_back({external, preset_.externals[external].name, sink_layout(preset_.graph, external)});
    return outputs;
}

host::OfflineOutput OfflineSong::cut(Frames latency, Listener listener)
{
    return [window = RenderWindow(*length_, latency), listener = std::move(listener), shifted = std::vector<const float*>()](
               Frames clock, std::span<const float* const> channels, std::uint32_t frames) mutable -> Expected<bool> {
        const auto [offset, count, more] = window.part(clock, frames);
        shift(channels, offset, shifted);
        if (count > 0 || !more)
            if (auto done = listener(shifted, count, more); !done) return tl::unexpected(done.error());
        return more;
    };
}

void OfflineSong::listen(const SongOutput& output, Listener listener)
{
    host_->set_output(output.external, output.layout, cut(instance_->alignment().external_latency[output.external], std::move(listener)));
}

void OfflineSong::listen_to_node(std::uint32_t node, Listener listener)
{
    host_->tap(node, cut(0, std::move(listener)));
}

void OfflineSong::heard(std::uint32_t frames, float peak)
{
    frames_ += frames;
    length_->heard(frames_, frames, peak);
}

Expected<void> OfflineSong::run(const std::atomic<bool>& interrupted)
{
    if (auto done = host_->run(interrupted); !done) return done;
    if (interrupted) return failure("interrupted");
    for (host::NodeRunner* runner : instance_->runners()) runner->node().finish();
    return {};
}

preset::Preset without_takes(preset::Preset preset)
{
    for (preset::NodeModel& node : preset.nodes)
        if (node.type->name == "recorder") node.settings["arm"].number = 0.0;
    return preset;
}

}  // namespace stemwire::session
