// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/ffmpeg/sample_converter.hpp"

#include <algorithm>
#include <climits>
#include <cmath>

extern "C" {
#include <libavutil/samplefmt.h>
#include <libswresample/swresample.h>
}

#include "media/wave_channels.hpp"

namespace stemwire::media {

namespace {

template <class Sample>
float to_float(Sample sample) noexcept
{
    if constexpr (std::is_floating_point_v<Sample>) return static_cast<float>(sample);
    else if constexpr (std::is_same_v<Sample, std::uint8_t>) return static_cast<float>(sample - 128) * 0x1p-7f;
    else return static_cast<float>(sample) * static_cast<float>(std::ldexp(1.0, 1 - static_cast<int>(sizeof(Sample) * CHAR_BIT)));
}

struct Cut {
    const AVFrame& frame;
    std::size_t channel;
    std::size_t from;
    std::size_t count;
};

template <class Sample>
void copy_channel(const Cut& cut, float* out) noexcept
{
    const bool planar = av_sample_fmt_is_planar(static_cast<AVSampleFormat>(cut.frame.format)) != 0;
    const std::size_t stride = planar ? 1 : static_cast<std::size_t>(cut.frame.ch_layout.nb_channels);
    const auto* plane = reinterpret_cast<const Sample*>(cut.frame.extended_data[planar ? cut.channel : 0]);
    const Sample* in = plane + cut.from * stride + (planar ? 0 : cut.channel);
    for (std::size_t i = 0; i < cut.count; ++i) out[i] = to_float(in[i * stride]);
}

void copy_any(const Cut& cut, float* out) noexcept
{
    switch (av_get_packed_sample_fmt(static_cast<AVSampleFormat>(cut.frame.format))) {
    case AV_SAMPLE_FMT_U8: return copy_channel<std::uint8_t>(cut, out);
    case AV_SAMPLE_FMT_S16: return copy_channel<std::int16_t>(cut, out);
    case AV_SAMPLE_FMT_S32: return copy_channel<std::int32_t>(cut, out);
    case AV_SAMPLE_FMT_S64: return copy_channel<std::int64_t>(cut, out);
    case AV_SAMPLE_FMT_FLT: return copy_channel<float>(cut, out);
    case AV_SAMPLE_FMT_DBL: return copy_channel<double>(cut, out);
    default: std::fill_n(out, cut.count, 0.0f);
    }
}

Expected<std::vector<float>> default_matrix(const AVChannelLayout& file, const ChannelLayout& wanted)
{
    const auto inputs = static_cast<std::size_t>(file.nb_channels);
    AVChannelLayout in{};
    AVChannelLayout out{};
    av_channel_layout_copy(&in, &file);
    if (in.order != AV_CHANNEL_ORDER_NATIVE) av_channel_layout_default(&in, file.nb_channels);
    std::vector<double> matrix(inputs * wanted.size());
    const int made = av_channel_layout_from_mask(&out, wave_mask(wanted)) < 0
                         ? AVERROR(EINVAL)
                         : swr_build_matrix2(&in, &out, M_SQRT1_2, M_SQRT1_2, 0.0, INT_MAX, 1.0, matrix.data(), file.nb_channels,
                                             AV_MATRIX_ENCODING_NONE, nullptr);
    av_channel_layout_uninit(&in);
    if (made < 0) return failure("has " + to_string(layout_from_av(file)) + " channels, which cannot be mixed to " + to_string(wanted));
    return std::vector<float>(matrix.begin(), matrix.end());
}

/// FFmpeg keeps channels in the order of its mask; ours may stand in any.
std::vector<float> in_our_order(std::vector<float> matrix, const ChannelLayout& wanted, std::size_t inputs)
{
    std::vector<std::pair<std::optional<AVChannel>, std::size_t>> order;
    for (std::size_t channel = 0; channel < wanted.size(); ++channel) order.emplace_back(av_channel(wanted[channel]), channel);
    std::ranges::sort(order);
    std::vector<float> sorted(matrix.size());
    for (std::size_t row = 0; row < order.size(); ++row)
        std::copy_n(matrix.begin() + static_cast<std::ptrdiff_t>(row * inputs), inputs,
                    sorted.begin() + static_cast<std::ptrdiff_t>(order[row].second * inputs));
    return sorted;
}

}  // namespace

bool is_convertible(AVSampleFormat format) noexcept
{
    return format > AV_SAMPLE_FMT_NONE && format < AV_SAMPLE_FMT_NB;
}

Expected<SampleConverter> SampleConverter::make(const AVChannelLayout& file, const ChannelLayout& wanted)
{
    SampleConverter converter;
    const ChannelLayout own = layout_from_av(file);
    converter.file_channels_ = static_cast<std::size_t>(file.nb_channels);
    converter.channels_ = wanted.empty() ? converter.file_channels_ : wanted.size();
    if (wanted.empty() || own == wanted) return converter;
    if (own.is_mono()) {
        converter.matrix_.assign(wanted.size(), 1.0f);
        return converter;
    }
    auto matrix = default_matrix(file, wanted);
    if (!matrix) return tl::unexpected(matrix.error());
    converter.matrix_ = wanted.is_mono() ? std::move(*matrix) : in_our_order(std::move(*matrix), wanted, converter.file_channels_);
    return converter;
}

void SampleConverter::convert(const AVFrame& in, std::size_t from, std::size_t count, std::span<float* const> out)
{
    if (matrix_.empty()) {
        for (std::size_t channel = 0; channel < channels_; ++channel) copy_any({in, channel, from, count}, out[channel]);
        return;
    }
    scratch_.resize(std::max(scratch_.size(), count));
    for (std::size_t channel = 0; channel < channels_; ++channel) std::fill_n(out[channel], count, 0.0f);
    for (std::size_t input = 0; input < file_channels_; ++input) {
        copy_any({in, input, from, count}, scratch_.data());
        for (std::size_t channel = 0; channel < channels_; ++channel) {
            const float weight = matrix_[channel * file_channels_ + input];
            if (weight == 0.0f) continue;
            for (std::size_t i = 0; i < count; ++i) out[channel][i] += weight * scratch_[i];
        }
    }
}

}  // namespace stemwire::media
