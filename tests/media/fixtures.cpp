// SPDX-License-Identifier: GPL-3.0-or-later
#include "fixtures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <stdexcept>

#include "media/ffmpeg/av.hpp"

namespace stemwire::test {

void ffmpeg(const std::string& arguments)
{
    const std::string command = "ffmpeg -nostdin -v error -y " + arguments;
    if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
}

void make_sound(const std::string& file, const std::string& output_options, double seconds, int rate_hz, int channels)
{
    std::ostringstream sound;
    for (int channel = 0; channel < channels; ++channel) {
        const int pitch_hz = 220 + 110 * channel;
        sound << (channel > 0 ? "|" : "") << "0.3*sin(2*PI*" << pitch_hz << "*t)*(0.6+0.4*sin(2*PI*0.7*t))"
              << "+0.1*sin(2*PI*" << pitch_hz << "*7.3*t)+0.05*(random(" << channel << ")-0.5)";
    }
    sound << ":s=" << rate_hz << ":d=" << seconds;
    ffmpeg("-f lavfi -i 'aevalsrc=" + sound.str() + "' " + output_options + " '" + file + "'");
}

void pack_one_behind_the_other(const std::vector<std::string>& files, const std::string& container)
{
    std::vector<media::FormatPointer> inputs;
    AVFormatContext* output = nullptr;
    avformat_alloc_output_context2(&output, nullptr, nullptr, container.c_str());
    for (const auto& file : files) {
        inputs.push_back(media::open_input(file).value());
        avcodec_parameters_copy(avformat_new_stream(output, nullptr)->codecpar, inputs.back()->streams[0]->codecpar);
        output->streams[inputs.size() - 1]->codecpar->codec_tag = 0;
    }
    if (avio_open(&output->pb, container.c_str(), AVIO_FLAG_WRITE) < 0 || avformat_write_header(output, nullptr) < 0)
        throw std::runtime_error(container);
    const media::PacketPointer packet(av_packet_alloc());
    for (std::size_t stream = 0; stream < inputs.size(); ++stream) {
        while (av_read_frame(inputs[stream].get(), packet.get()) >= 0) {
            av_packet_rescale_ts(packet.get(), inputs[stream]->streams[0]->time_base, output->streams[stream]->time_base);
            packet->stream_index = static_cast<int>(stream);
            if (av_write_frame(output, packet.get()) < 0) throw std::runtime_error(container);
            av_packet_unref(packet.get());
        }
    }
    av_write_trailer(output);
    avio_closep(&output->pb);
    avformat_free_context(output);
}

Planes decode_with_ffmpeg(const std::string& file, std::size_t channels, const std::string& options)
{
    const TemporaryFolder folder;
    ffmpeg("-i '" + file + "' " + options + " -f f32le '" + folder.file("raw") + "'");
    std::ifstream raw(folder.file("raw"), std::ios::binary);
    const auto frames = std::filesystem::file_size(folder.file("raw")) / sizeof(float) / channels;
    std::vector<float> interleaved(frames * channels);
    raw.read(reinterpret_cast<char*>(interleaved.data()), static_cast<std::streamsize>(interleaved.size() * sizeof(float)));
    Planes planes(channels, std::vector<float>(frames));
    for (std::size_t i = 0; i < interleaved.size(); ++i) planes[i % channels][i / channels] = interleaved[i];
    return planes;
}

double largest_difference(const Planes& left, const Planes& right)
{
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (left.size() != right.size()) return infinity;
    double largest = 0.0;
    for (std::size_t channel = 0; channel < left.size(); ++channel) {
        if (left[channel].size() != right[channel].size()) return infinity;
        for (std::size_t frame = 0; frame < left[channel].size(); ++frame)
            largest = std::max(largest, std::abs(static_cast<double>(left[channel][frame]) - right[channel][frame]));
    }
    return largest;
}

Planes part(const Planes& planes, std::size_t from, std::size_t count)
{
    Planes cut;
    for (const auto& plane : planes) {
        const auto begin = std::min(from, plane.size());
        const auto end = std::min(from + count, plane.size());
        cut.emplace_back(plane.begin() + static_cast<std::ptrdiff_t>(begin), plane.begin() + static_cast<std::ptrdiff_t>(end));
    }
    return cut;
}

}  // namespace stemwire::test
