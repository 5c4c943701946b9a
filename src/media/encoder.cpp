// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/encoder.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <numeric>
#include <optional>

#include "media/encoders.hpp"
#include "media/ffmpeg.hpp"
#include "media/wave_channels.hpp"

namespace stemwire::media {

namespace {

constexpr std::array<std::string_view, 9> endings{".wav", ".flac", ".opus", ".ogg", ".mp3", ".m4a", ".mp4", ".aac", ".mka"};

// Transparent rates: Opus 128 kbit/s, MP3 256 kbit/s and AAC 256 kbit/s in stereo (Hydrogenaudio's listening tests put all well above what
// is needed).
constexpr std::array<LossyFormat, 7> lossy_formats{{
    {".opus", "opus", "libopus", 64'000, 48'000, 8},
    {".ogg", "ogg", "libopus", 64'000, 48'000, 8},
    {".mp3", "mp3", "libmp3lame", 128'000, 0, 2},
    {".m4a", "ipod", "aac", 128'000, 0, 8},
    {".mp4", "mp4", "aac", 128'000, 0, 8},
    {".aac", "adts", "aac", 128'000, 0, 8},
    {".mka", "matroska", "flac", 0, 0, 8},
}};

std::string ending_of(const EncodeRequest& request)
{
    std::string text = std::filesystem::path(request.file).extension().string();
    std::ranges::transform(text, text.begin(),
                           [](unsigned char letter) { return static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + 32 : letter); });
    return text;
}

/// Gives an encoder its channels in the order in which its file has them.
class ReorderingEncoder final : public Encoder {
public:
    ReorderingEncoder(std::unique_ptr<Encoder> encoder, std::vector<std::size_t> order)
        : encoder_(std::move(encoder)), order_(std::move(order)), channels_(order_.size())
    {
    }

    Expected<void> write(std::span<const float* const> channels, std::uint32_t frames) override
    {
        for (std::size_t channel = 0; channel < order_.size(); ++channel) channels_[channel] = channels[order_[channel]];
        return encoder_->write(channels_, frames);
    }
    Expected<void> checkpoint() override { return encoder_->checkpoint(); }
    Expected<void> finish() override { return encoder_->finish(); }
    const std::string& temporary_file() const noexcept override { return encoder_->temporary_file(); }

private:
    std::unique_ptr<Encoder> encoder_;
    std::vector<std::size_t> order_;  ///< [channel of the file]
    std::vector<const float*> channels_;
};

/// The channels of one more stream in the order of the mask; as they are where one of them has no place in it.
void append_file_order(const ChannelLayout& layout, std::vector<std::size_t>& order)
{
    const std::size_t first = order.size();
    order.resize(first + layout.size());
    const std::span<std::size_t> own = std::span(order).subspan(first);
    std::iota(own.begin(), own.end(), first);
    if (wave_mask(layout) != 0) std::ranges::stable_sort(own, {}, [&](std::size_t channel) { return wave_bit(layout[channel - first]); });
}

/// The same positions in the order of the mask.
ChannelLayout in_file_order(const ChannelLayout& layout)
{
    std::vector<std::size_t> order;
    append_file_order(layout, order);
    std::vector<Position> positions;
    for (const std::size_t channel : order) positions.push_back(layout[channel]);
    return ChannelLayout(std::move(positions));
}

Expected<std::unique_ptr<Encoder>> make_ordered_encoder(const EncodeRequest& request)
{
    const std::string ending = ending_of(request);
    if (ending == ".wav") return make_wav_encoder(request);
    if (ending == ".flac") return make_flac_encoder(request);
    const auto module = ffmpeg();
    if (!module) return tl::unexpected(module.error());
    return (*module)->make_encoder(request, *std::ranges::find(lossy_formats, ending, &LossyFormat::ending));
}

/// None where the ending is not known.
std::optional<std::size_t> most_channels(std::string_view ending)
{
    constexpr std::size_t most_of_wav = 65'535;  // its count has 16 bits
    constexpr std::size_t most_of_flac = 8;      // RFC 9639, 9.1.3
    if (ending == ".wav") return most_of_wav;
    if (ending == ".flac") return most_of_flac;
    const auto format = std::ranges::find(lossy_formats, ending, &LossyFormat::ending);
    return format == lossy_formats.end() ? std::nullopt : std::optional(format->most_channels);
}

}  // namespace

Expected<void> check_request(const EncodeRequest& request)
{
    const std::string ending = ending_of(request);
    const auto most = most_channels(ending);
    if (!most) {
        std::string known;
        for (const std::string_view each : endings) known += (known.empty() ? "" : ", ") + std::string(each);
        return failure(request.file + ": '" + ending + "' is no ending that can be written (" + known + ")");
    }
    if (request.streams.size() > 1 && ending != ".mka")
        return failure(request.file + ": " + ending + " holds one stream, not " + std::to_string(request.streams.size()) + " (.mka holds several)");
    std::size_t channels = request.streams.empty() ? request.layout.size() : 0;
    for (const PortGroup& stream : request.streams) channels = std::max(channels, stream.layout.size());
    if (channels <= *most) return {};
    return failure(request.file + ": " + ending + " has at most " + std::to_string(*most) + " channels, not " + std::to_string(channels));
}

Expected<std::unique_ptr<Encoder>> make_encoder(const EncodeRequest& request)
{
    if (auto checked = check_request(request); !checked) return tl::unexpected(checked.error());
    std::vector<std::size_t> order;
    for (const PortGroup& stream : request.streams) append_file_order(stream.layout, order);
    if (request.streams.empty()) append_file_order(request.layout, order);
    if (std::ranges::is_sorted(order)) return make_ordered_encoder(request);
    EncodeRequest ordered = request;
    ordered.layout = in_file_order(request.layout);
    for (PortGroup& stream : ordered.streams) stream.layout = in_file_order(stream.layout);
    auto encoder = make_ordered_encoder(ordered);
    if (!encoder) return encoder;
    return std::make_unique<ReorderingEncoder>(std::move(*encoder), std::move(order));
}

}  // namespace stemwire::media
