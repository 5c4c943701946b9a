// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include <sndfile.h>

namespace stemwire::test {

/// Planar audio in memory, `[channel][frame]`.
struct Audio {
    int rate_hz = 48000;
    std::vector<std::vector<float>> channels;
    [[nodiscard]] std::size_t frames() const { return channels.empty() ? 0 : channels[0].size(); }
};

/// Writes with libsndfile; `format` is one of its SF_FORMAT_ constants.
inline void write_audio(const std::string& path, const Audio& audio, int format = SF_FORMAT_WAV | SF_FORMAT_FLOAT)
{
    SF_INFO info{};
    info.samplerate = audio.rate_hz;
    info.channels = static_cast<int>(audio.channels.size());
    info.format = format;
    SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
    if (file == nullptr) throw std::runtime_error(path + ": " + sf_strerror(nullptr));
    std::vector<float> interleaved;
    for (std::size_t frame = 0; frame < audio.frames(); ++frame)
        for (const auto& channel : audio.channels) interleaved.push_back(channel[frame]);
    sf_writef_float(file, interleaved.data(), static_cast<sf_count_t>(audio.frames()));
    sf_close(file);
}

inline Audio read_audio(const std::string& path)
{
    SF_INFO info{};
    SNDFILE* file = sf_open(path.c_str(), SFM_READ, &info);
    if (file == nullptr) throw std::runtime_error(path + ": " + sf_strerror(nullptr));
    std::vector<float> interleaved(static_cast<std::size_t>(info.frames) * static_cast<std::size_t>(info.channels));
    sf_readf_float(file, interleaved.data(), info.frames);
    sf_close(file);
    Audio audio{info.samplerate, std::vector<std::vector<float>>(static_cast<std::size_t>(info.channels))};
    for (std::size_t i = 0; i < interleaved.size(); ++i) audio.channels[i % audio.channels.size()].push_back(interleaved[i]);
    return audio;
}

/// The largest difference of two signals in dB of full scale; what one lacks counts as silence.
inline double difference_db(const std::vector<float>& a, const std::vector<float>& b)
{
    double worst = 0.0;
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i)
        worst = std::max(worst, std::abs((i < a.size() ? static_cast<double>(a[i]) : 0.0) - (i < b.size() ? static_cast<double>(b[i]) : 0.0)));
    return 20.0 * std::log10(worst + 1e-30);
}

}  // namespace stemwire::test
