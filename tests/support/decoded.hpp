// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/program.hpp"
#include "tests/support/temporary_folder.hpp"

namespace stemwire::test {

/// `[channel][frame]` of a stream as the ffmpeg program decodes it, from time 0 on: of MP4 in fragments it gives the codec's delay too, at
/// negative times.
inline std::vector<std::vector<float>> decoded(const TemporaryFolder& folder, const std::string& name, std::size_t channels = 2, const std::string& stream = "0:a:0")
{
    const auto outcome = run_program({"ffmpeg", "-v", "quiet", "-y", "-copyts", "-i", folder.file(name), "-map", stream, "-af", "atrim=start=0", "-ar", "48000",
                                      "-f", "f32le", folder.file("raw")});
    EXPECT_EQ(outcome.status, 0) << name;
    std::ifstream raw(folder.file("raw"), std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(raw), {}};
    std::vector<std::vector<float>> audio(channels);
    for (std::size_t i = 0; i + 4 <= bytes.size(); i += 4) {
        float sample = 0;
        std::memcpy(&sample, bytes.data() + i, 4);
        audio[i / 4 % channels].push_back(sample);
    }
    return audio;
}

/// RMS of the difference relative to the signal's own, over `frames` from `from`.
inline double relative_error(const std::vector<float>& wanted, const std::vector<float>& got, std::size_t from, std::size_t frames)
{
    double error = 0, power = 0;
    for (std::size_t i = from; i < from + frames; ++i) {
        const double difference = static_cast<double>(wanted.at(i)) - static_cast<double>(got.at(i));
        error += difference * difference;
        power += static_cast<double>(wanted[i]) * static_cast<double>(wanted[i]);
    }
    return std::sqrt(error / power);
}

}  // namespace stemwire::test
