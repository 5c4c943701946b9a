// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/render.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "dsp/loudness.hpp"
#include "session/offline_song.hpp"

namespace stemwire::session {

namespace {

float peak_of(std::span<const float* const> channels, std::uint32_t frames)
{
    float peak = 0.0f;
    for (const float* channel : channels)
        for (std::uint32_t i = 0; i < frames; ++i) peak = std::max(peak, std::abs(channel[i]));
    return peak;
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
        : preset_(preset), request_(request), progress_(progress), song_(preset)
    {
    }

    tl::expected<RenderSummary, Errors> run(const std::atomic<bool>& interrupted);

private:
    Expected<void> open_outputs();
    Expected<void> open_stems();
    Expected<OfflineSong::Listener> write_to(const std::string& file, const ChannelLayout& layout, bool is_main);
    [[nodiscard]] Expected<void> may_write(const std::string& file) const;
    void measure_loudness(const SongOutput& output);

    const preset::Preset& preset_;
    const RenderRequest& request_;
    const RenderProgress& progress_;
    OfflineSong song_;
    std::vector<std::unique_ptr<media::Encoder>> encoders_;
    std::unique_ptr<dsp::LoudnessMeter> loudness_;
    RenderSummary summary_;
};

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

Expected<OfflineSong::Listener> Render::write_to(const std::string& file, const ChannelLayout& layout, bool is_main)
{
    if (auto allowed = may_write(file); !allowed) return tl::unexpected(allowed.error());
    auto encoder = media::make_encoder({.file = file, .rate_hz = summary_.rate_hz, .layout = layout, .format = request_.format});
    if (!encoder) return tl::unexpected(encoder.error());
    summary_.files.push_back(file);
    media::Encoder& opened = *encoders_.emplace_back(std::move(*encoder));
    return [this, &opened, is_main](std::span<const float* const> channels, std::uint32_t frames, bool more) -> Expected<void> {
        if (frames > 0)
            if (auto written = opened.write(channels, frames); !written) return written;
        if (!is_main) return {};
        const float peak = peak_of(channels, frames);
        summary_.peak = std::max(summary_.peak, static_cast<double>(peak));
        song_.heard(frames, peak);
        progress_(song_.frames(), more && song_.total() ? *song_.total() : song_.frames());
        return {};
    };
}

void Render::measure_loudness(const SongOutput& output)
{
    loudness_ = std::make_unique<dsp::LoudnessMeter>(summary_.rate_hz, output.layout);
    // A listener of its own, so that it runs beside the encoder.
    song_.listen(output, [this](std::span<const float* const> channels, std::uint32_t frames, bool) -> Expected<void> {
        loudness_->add(channels, frames);
        return {};
    });
}

Expected<void> Render::open_outputs()
{
    const std::filesystem::path name(request_.output);
    for (const SongOutput& output : song_.outputs()) {
        std::filesystem::path file = name;
        const bool is_main = encoders_.empty();
        if (!is_main) file.replace_filename(name.stem().string() + "-" + output.name + name.extension().string());
        auto writer = write_to(file.string(), output.layout, is_main);
        if (!writer) return tl::unexpected(writer.error());
        song_.listen(output, std::move(*writer));
        if (is_main) measure_loudness(output);
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
        auto writer = write_to((std::filesystem::path(request_.stems_folder) / (model.name + ending)).string(), layout, false);
        if (!writer) return tl::unexpected(writer.error());
        song_.listen_to_node(node, std::move(*writer));
    }
    return {};
}

tl::expected<RenderSummary, Errors> Render::run(const std::atomic<bool>& interrupted)
{
    const auto begin = std::chrono::steady_clock::now();
    const auto fail = [](Error error) { return tl::unexpected(Errors{std::move(error)}); };
    const OfflineOptions options{.duration_seconds = request_.duration_seconds, .quantum = request_.quantum, .threads = request_.threads};
    if (auto errors = song_.prepare(options); !errors.empty()) return tl::unexpected(std::move(errors));
    summary_.rate_hz = song_.rate_hz();
    if (auto opened = open_outputs(); !opened) return fail(opened.error());
    if (auto opened = open_stems(); !opened) return fail(opened.error());
    if (auto opened = song_.open_inputs(request_.inputs); !opened) return fail(opened.error());
    if (song_.total() == endless) return fail({"no track of this preset ever ends: say with --duration how much of it to render", preset_.path});
    if (auto done = song_.run(interrupted); !done) return fail(done.error());
    for (const auto& encoder : encoders_)
        if (auto finished = encoder->finish(); !finished) return fail(finished.error());

    summary_.lufs = loudness_->integrated_lufs();
    summary_.frames = song_.frames();
    summary_.missing_frames = song_.instance().missing_frames();
    summary_.messages = song_.instance().take_messages();
    for (std::uint32_t node = 0; node < preset_.nodes.size(); ++node) summary_.nodes.push_back({preset_.nodes[node].name, song_.host().cpu_seconds(node)});
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
