// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdlib>
#include <memory>

extern "C" {
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>
}

#include "bench/convolver/contender.hpp"

namespace stemwire::bench {

namespace {

struct FreeFrame {
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
using Frame = std::unique_ptr<AVFrame, FreeFrame>;

void check(int result)
{
    if (result < 0) std::abort();
}

/// abuffer → afir → abuffersink, on one thread; the impulse through a second abuffer.
class Afir {
public:
    Afir(const Case& what, const std::vector<Signal>& impulses, const std::string& options) : graph_(avfilter_graph_alloc())
    {
        graph_->nb_threads = 1;
        const std::string format = "sample_rate=" + std::to_string(static_cast<int>(what.rate_hz)) + ":sample_fmt=fltp:channel_layout=stereo:time_base=1/48000";
        AVFilterContext* impulse = nullptr;
        AVFilterContext* afir = nullptr;
        check(avfilter_graph_create_filter(&in_, avfilter_get_by_name("abuffer"), "in", format.c_str(), nullptr, graph_));
        check(avfilter_graph_create_filter(&impulse, avfilter_get_by_name("abuffer"), "impulse", format.c_str(), nullptr, graph_));
        check(avfilter_graph_create_filter(&afir, avfilter_get_by_name("afir"), "afir", ("gtype=none" + options).c_str(), nullptr, graph_));
        check(avfilter_graph_create_filter(&out_, avfilter_get_by_name("abuffersink"), "out", nullptr, nullptr, graph_));
        check(avfilter_link(in_, 0, afir, 0));
        check(avfilter_link(impulse, 0, afir, 1));
        check(avfilter_link(afir, 0, out_, 0));
        check(avfilter_graph_config(graph_, nullptr));
        const float* const channels[2] = {impulses[0].data(), impulses[1].data()};
        push(impulse, channels, static_cast<int>(what.taps()), what.rate_hz, 0);
        check(av_buffersrc_add_frame(impulse, nullptr));
        rate_hz_ = what.rate_hz;
    }
    ~Afir() { avfilter_graph_free(&graph_); }
    Afir(const Afir&) = delete;
    Afir& operator=(const Afir&) = delete;

    /// What has come out by now is thrown away: it is late by a partition.
    void process(const float* const* in, std::uint32_t frames)
    {
        push(in_, in, static_cast<int>(frames), rate_hz_, position_);
        position_ += frames;
        const Frame got(av_frame_alloc());
        while (av_buffersink_get_frame(out_, got.get()) >= 0) av_frame_unref(got.get());
    }

private:
    static void push(AVFilterContext* to, const float* const* channels, int frames, double rate_hz, std::int64_t position)
    {
        const Frame frame(av_frame_alloc());
        frame->format = AV_SAMPLE_FMT_FLTP;
        frame->nb_samples = frames;
        frame->sample_rate = static_cast<int>(rate_hz);
        frame->pts = position;
        av_channel_layout_default(&frame->ch_layout, 2);
        check(av_frame_get_buffer(frame.get(), 0));
        for (std::size_t channel = 0; channel < 2; ++channel)
            std::copy_n(channels[channel], frames, reinterpret_cast<float*>(frame->extended_data[channel]));
        check(av_buffersrc_add_frame_flags(to, frame.get(), AV_BUFFERSRC_FLAG_PUSH));
    }

    AVFilterGraph* graph_;
    AVFilterContext* in_ = nullptr;
    AVFilterContext* out_ = nullptr;
    double rate_hz_ = 0;
    std::int64_t position_ = 0;
};

Contender contender(const std::string& name, const Case& what, const std::vector<Signal>& impulses, const std::string& options)
{
    const auto afir = std::make_shared<Afir>(what, impulses, options);
    return {name, [afir, block = what.block](const float* const* in, float* const*) { afir->process(in, block); }, [] {}};
}

}  // namespace

std::vector<Contender> afir_convolvers(const Case& what, const std::vector<Signal>& impulses)
{
    if (what.paths != 2) return {};
    std::vector<Contender> made{contender("afir", what, impulses, "")};
    made.push_back(contender("afir minp", what, impulses, ":minp=" + std::to_string(what.block)));
    return made;
}

}  // namespace stemwire::bench
