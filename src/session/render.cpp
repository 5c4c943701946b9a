// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/render.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "graph/pairing.hpp"
#include "host/offline/offline_host.hpp"
#include "media/loudness.hpp"
#include "session/instance.hpp"
#include "session/render_length.hpp"

namespace stemwire::session {

namespace {

constexpr std::uint32_t large_quantum = 1024;     // costs a fifth less than 256, and stays in the caches
constexpr std::uint32_t feedback_quantum = 256;  // what a feedback link delays is heard, so it is the live default
constexpr Epoch first_epoch = 1;

/// The layout in which a sink is written: stereo, unless something wider is linked to it.
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

float peak_of(std::span<const float* const> channels, std::uint32_t offset, std::uint32_t frames)
{
    float peak = 0.0f;
    for (const float* channel : channels)
        for (std::uint32_t i = offset; i < offset + frames; ++i) peak = std::max(peak, std::abs(channel[i]));
    return peak;
}

void shift(std::span<const float* const> channels, std::uint32_t offset, std::vector<const float*>& shifted)
{
    shifted.assign(channels.begin(), channels.end());
    for (const float*& channel : shifted) channel += offset;
}

bool is_same_file(const std::string& a, const std::string& b)
{
    std::error_code ignored;
    return std::filesystem::weakly_canonical(a, ignored) == std::filesystem::weakly_canonical(b, ignored);
}

/// Every file that these settings name.
void add_files(const Settings& settings, std::vector<std::string>& files)
{
    for (const Value& value : settings.values()) {
        if (value.parameter->kind == Kind::path && !value.text.empty()) files.push_back(value.text);
        for (const auto& [name, record] : value.records) add_files(record, files);
    }
}

/// One render from beginning to end.
class Render {
public:
    Render(const preset::Preset& preset, const RenderRequest& request, const RenderProgress& progress)
        : preset_(preset), request_(request), progress_(progress), decoders_(0)
    {
    }

    tl::expected<RenderSummary, Errors> run(const std::atomic<bool>& interrupted);

private:
    Errors prepare();
    Expected<void> open_inputs();
    Expected<void> open_outputs();
    Expected<void> open_sink(std::uint32_t external, const std::string& file);
    Expected<void> open_stems();
    host::OfflineOutput write_to(const std::string& file, const ChannelLayout& layout, Frames latency, Expected<void>& result, bool is_main);
    [[nodiscard]] Expected<void> may_write(const std::string& file) const;
    void measure_loudness(std::uint32_t external, const ChannelLayout& layout);
    [[nodiscard]] std::uint32_t quantum() const;

    const preset::Preset& preset_;
    const RenderRequest& request_;
    const RenderProgress& progress_;
    media::DecodePool decoders_;
    std::unique_ptr<Instance> instance_;
    std::unique_ptr<RenderLength> length_;
    std::unique_ptr<host::OfflineHost> host_;
    std::vector<std::unique_ptr<media::DecodedStream>> inputs_;
    std::vector<std::unique_ptr<media::Encoder>> encoders_;
    std::unique_ptr<media::LoudnessMeter> loudness_;
    RenderSummary summary_;
};

std::uint32_t Render::quantum() const
{
    const std::uint32_t usual = graph::feeds_back(preset_.graph) ? feedback_quantum : large_quantum;
    return request_.quantum.value_or(preset_.quantum.value_or(usual));
}

Errors Render::prepare()
{
    auto instance = Instance::make(preset_, decoders_);
    if (!instance) return instance.error();
    instance_ = std::move(*instance);
    summary_.rate_hz = preset_.rate_hz.value_or(48000.0);
    if (auto errors = instance_->prepare(summary_.rate_hz, quantum(), true); !errors.empty()) return errors;

    std::optional<Frames> wanted;
    if (request_.duration_seconds) wanted = seconds_to_frames(*request_.duration_seconds, summary_.rate_hz);
    length_ = std::make_unique<RenderLength>(*instance_, wanted);
    const Cue cue = instance_->make_cue(first_epoch, 0.0, wanted.has_value());
    instance_->transport().schedule({.at_clock = 0, .cue = cue, .rolling = true}, 0);
    instance_->cue(cue);
    const std::uint32_t frames = std::min(quantum(), largest_quantum);
    host_ = std::make_unique<host::OfflineHost>(instance_->graph(), instance_->runners(), host::OfflineHost::Options{.quantum = frames, .threads = request_.threads});
    host_->end_listeners([this](std::uint32_t node) -> std::optional<Frames> {
        const auto total = length_->total();
        return total && *total != endless ? std::optional(*total + instance_->alignment().node_latency[node]) : std::nullopt;
    });
    return {};
}

Expected<void> Render::open_inputs()
{
    for (const auto& [name, file] : request_.inputs) {
        const auto external = std::ranges::find(preset_.externals, name, &preset::ExternalModel::name);
        if (external == preset_.externals.end()) return failure("the preset has no external named " + name);
        const auto index = static_cast<std::uint32_t>(external - preset_.externals.begin());
        if (!has_outer_link(preset_.graph, index, false)) return failure("--input " + name + ": no link of the preset takes audio from it");
        auto stream = decoders_.open({.file = std::filesystem::absolute(file).string()});
        if (!stream) return tl::unexpected(stream.error());
        if (auto prepared = (*stream)->prepare(summary_.rate_hz, true); !prepared) return prepared;
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

Expected<void> Render::may_write(const std::string& file) const
{
    const auto is_this = [&](const std::string& other) { return is_same_file(other, file); };
    if (std::ranges::any_of(summary_.files, is_this)) return failure(file + " would be written twice: choose another folder for the stems, or another name");
    std::vector<std::string> read;
    for (const preset::NodeModel& node : preset_.nodes) add_files(node.settings, read);
    for (const auto& [name, input] : request_.inputs) read.push_back(input);
    if (std::ranges::any_of(read, is_this)) return failure(file + " is played by this very render and would be lost: choose another name");
    return {};
}

host::OfflineOutput Render::write_to(const std::string& file, const ChannelLayout& layout, Frames latency, Expected<void>& result, bool is_main)
{
    if (auto allowed = may_write(file); !allowed) {
        result = allowed;
        return {};
    }
    auto encoder = media::make_encoder({.file = file, .rate_hz = summary_.rate_hz, .layout = layout, .format = request_.format});
    if (!encoder) {
        result = tl::unexpected(encoder.error());
        return {};
    }
    summary_.files.push_back(file);
    media::Encoder& opened = *encoders_.emplace_back(std::move(*encoder));
    return [this, &opened, window = RenderWindow(*length_, latency), is_main, shifted = std::vector<const float*>()](
               Frames clock, std::span<const float* const> channels, std::uint32_t frames) mutable -> Expected<bool> {
        const auto [offset, count, more] = window.part(clock, frames);
        shift(channels, offset, shifted);
        if (count > 0)
            if (auto written = opened.write(shifted, count); !written) return tl::unexpected(written.error());
        if (!is_main) return more;
        const float peak = peak_of(channels, offset, count);
        summary_.peak = std::max(summary_.peak, static_cast<double>(peak));
        summary_.frames += count;
        length_->heard(summary_.frames, count, peak);
        progress_(summary_.frames, more && length_->total() ? *length_->total() : summary_.frames);
        return more;
    };
}

Expected<void> Render::open_sink(std::uint32_t external, const std::string& file)
{
    const ChannelLayout layout = sink_layout(preset_.graph, external);
    Expected<void> result;
    const bool is_main = encoders_.empty();
    auto output = write_to(file, layout, instance_->alignment().external_latency[external], result, is_main);
    if (!result) return result;
    host_->set_output(external, layout, std::move(output));
    if (is_main) measure_loudness(external, layout);
    return {};
}

void Render::measure_loudness(std::uint32_t external, const ChannelLayout& layout)
{
    loudness_ = std::make_unique<media::LoudnessMeter>(summary_.rate_hz, layout);
    // An output of its own, so that it runs beside the encoder.
    host_->set_output(external, layout,
                      [this, window = RenderWindow(*length_, instance_->alignment().external_latency[external]), shifted = std::vector<const float*>()](
                          Frames clock, std::span<const float* const> channels, std::uint32_t frames) mutable -> Expected<bool> {
                          const auto [offset, count, more] = window.part(clock, frames);
                          shift(channels, offset, shifted);
                          if (count > 0) loudness_->add(shifted, count);
                          return more;
                      });
}

Expected<void> Render::open_outputs()
{
    const std::filesystem::path output(request_.output);
    for (std::uint32_t external = 0; external < preset_.externals.size(); ++external) {
        if (!has_outer_link(preset_.graph, external, true)) continue;
        std::filesystem::path file = output;
        if (!encoders_.empty()) file.replace_filename(output.stem().string() + "-" + preset_.externals[external].name + output.extension().string());
        if (auto opened = open_sink(external, file.string()); !opened) return opened;
    }
    if (encoders_.empty()) return failure("nothing of this preset is linked to a sink: there is nothing to render (link a node to an external such as { sink: default })");
    return {};
}

Expected<void> Render::open_stems()
{
    if (request_.stems_folder.empty()) return {};
    std::error_code error;
    std::filesystem::create_directories(request_.stems_folder, error);
    if (error) return failure("--stems " + request_.stems_folder + ": " + error.message());
    const std::string ending = std::filesystem::path(request_.output).extension().string();
    for (std::uint32_t node = 0; node < preset_.nodes.size(); ++node) {
        const preset::NodeModel& model = preset_.nodes[node];
        std::vector<Position> positions;
        for (const PortGroup& group : model.ports.outputs) positions.insert(positions.end(), group.layout.positions().begin(), group.layout.positions().end());
        if (positions.empty()) continue;
        // Several groups repeat positions: a file of theirs has channels without any.
        const ChannelLayout layout = model.ports.outputs.size() == 1 ? ChannelLayout(positions) : ChannelLayout::usual(positions.size());
        Expected<void> result;
        auto output = write_to((std::filesystem::path(request_.stems_folder) / (model.name + ending)).string(), layout, 0, result, false);
        if (!result) return result;
        host_->tap(node, std::move(output));
    }
    return {};
}

tl::expected<RenderSummary, Errors> Render::run(const std::atomic<bool>& interrupted)
{
    const auto begin = std::chrono::steady_clock::now();
    const auto fail = [](Error error) { return tl::unexpected(Errors{std::move(error)}); };
    if (auto errors = prepare(); !errors.empty()) return tl::unexpected(std::move(errors));
    if (auto opened = open_outputs(); !opened) return fail(opened.error());
    if (auto opened = open_stems(); !opened) return fail(opened.error());
    if (auto opened = open_inputs(); !opened) return fail(opened.error());
    if (length_->total() == endless) return fail({"no track of this preset ever ends: say with --duration how much of it to render", preset_.path});
    if (auto done = host_->run(interrupted); !done) return fail(done.error());
    if (interrupted) return fail({"interrupted"});
    for (host::NodeRunner* runner : instance_->runners()) runner->node().finish();
    for (const auto& encoder : encoders_)
        if (auto finished = encoder->finish(); !finished) return fail(finished.error());

    summary_.lufs = loudness_->integrated_lufs();
    summary_.missing_frames = instance_->missing_frames();
    summary_.messages = instance_->take_messages();
    for (std::uint32_t node = 0; node < preset_.nodes.size(); ++node) summary_.nodes.push_back({preset_.nodes[node].name, host_->cpu_seconds(node)});
    summary_.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return summary_;
}

}  // namespace

tl::expected<RenderSummary, Errors> render(const preset::Preset& preset, const RenderRequest& request, const RenderProgress& progress,
                                           const std::atomic<bool>& interrupted)
{
    return Render(preset, request, progress).run(interrupted);
}

}  // namespace stemwire::session
