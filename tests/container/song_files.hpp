// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "container/song_preset.hpp"
#include "fixtures.hpp"
#include "session/render.hpp"
#include "tests/support/wav.hpp"

/// Songs as their own writer makes them, and what a preset made of one sounds like.
namespace stemwire::test {

inline constexpr int song_rate_hz = 48000;

class SongTest : public testing::Test {
protected:
    /// Two stereo takes and a mono stem, with the settings and an impulse response attached.
    SongTest()
    {
        for (int sound = 0; sound < 3; ++sound)
            make_sound(folder_.file("s" + std::to_string(sound) + ".wav"), "-af volume=0." + std::to_string(9 - sound), 0.5, song_rate_hz, sound < 2 ? 2 : 1);
        write_audio(folder_.file("hall.wav"), {song_rate_hz, impulse_});
    }

    /// `name` in the folder, with this JSON; `codec` as ffmpeg's options.
    std::string pack(const std::string& json, const std::string& codec = "-c:a flac", const std::string& name = "song.prot")
    {
        folder_.write("play_settings.json", json);
        std::string inputs;
        std::string maps;
        for (int sound = 0; sound < 3; ++sound) {
            inputs += " -i " + folder_.file("s" + std::to_string(sound) + ".wav");
            maps += " -map " + std::to_string(sound) + " -metadata:s:a:" + std::to_string(sound) + " title=/home/x/s" + std::to_string(sound) + ".wav";
        }
        ffmpeg(inputs + maps + " -attach " + folder_.file("play_settings.json") +
               " -metadata:s:t:0 mimetype=application/json -metadata:s:t:0 filename=play_settings.json -attach " + folder_.file("hall.wav") +
               " -metadata:s:t:1 mimetype=audio/wav -metadata:s:t:1 filename='\"hall.wav\"' " + codec + " -f matroska " + folder_.file(name));
        for (int sound = 0; sound < 3; ++sound) {
            sounds_[static_cast<std::size_t>(sound)] = decode_with_ffmpeg(folder_.file(name), sound < 2 ? 2 : 1, "-map 0:a:" + std::to_string(sound));
            if (sound == 2) sounds_[2].push_back(sounds_[2].front());
        }
        return folder_.file(name);
    }

    container::PresetText preset_of(const std::string& song, container::PresetWishes wishes = {})
    {
        wishes.folder = folder_.path().string();
        const auto read = container::read_song(song);
        if (!read) throw std::runtime_error(to_string(read.error()));
        return container::song_preset(*read, wishes);
    }

    /// What a preset's text sounds like.
    Planes play(const std::string& text)
    {
        const auto loaded = preset::load_text(text, folder_.file("song.yaml"));
        for (const Error& error : loaded.errors) ADD_FAILURE() << to_string(error) << "\n" << text;
        if (!loaded.preset) return {};
        session::RenderRequest request{.output = folder_.file("out.wav"), .format = media::SampleFormat::f32};
        const std::atomic<bool> interrupted{false};
        const auto summary = session::render(*loaded.preset, request, [](Frames, Frames) {}, interrupted);
        if (!summary) throw std::runtime_error(to_string(summary.error().front()));
        return read_audio(request.output).channels;
    }

    /// A sound at a level and balance, added to `mix`.
    void add(Planes& mix, std::size_t sound, double left, double right) const
    {
        for (std::size_t channel = 0; channel < 2; ++channel) {
            const auto& plane = sounds_[sound][channel];
            mix[channel].resize(std::max(mix[channel].size(), plane.size()));
            for (std::size_t i = 0; i < plane.size(); ++i) mix[channel][i] += static_cast<float>(plane[i] * (channel == 0 ? left : right));
        }
    }

    /// Up to the shorter one's end: a render may go on with a tail of silence.
    static void expect_same(const Planes& heard, const Planes& expected, double tolerance = 2e-6)
    {
        ASSERT_EQ(heard.size(), 2u);
        const std::size_t frames = expected[0].size();
        ASSERT_GE(heard[0].size(), frames);
        EXPECT_LT(largest_difference(part(heard, 0, frames), expected), tolerance);
    }

    TemporaryFolder folder_;
    std::array<Planes, 3> sounds_;
    Planes impulse_{{0.25f, 0.5f, 0.0f, -0.125f, 0.0001f}, {0.5f, 0.0f, 0.25f, 0.0f, 0.0f}};
};

}  // namespace stemwire::test
