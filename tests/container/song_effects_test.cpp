// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <numbers>

#include "container/song_effects.hpp"
#include "song_files.hpp"

namespace stemwire::container {

namespace {

using test::Planes;

class SongEffects : public test::SongTest {
protected:
    /// A song of one stereo track with these effects.
    PresetText with(const std::string& effects, bool extract = false)
    {
        return preset_of(pack(R"({"encoder_version": 2, "tracks": [{"ids": [1]}], "effects": [)" + effects + "]}"), {.extract = extract});
    }
    Planes dry() const
    {
        Planes planes(2);
        add(planes, 0, 1.0, 1.0);
        return planes;
    }
};

/// A filter of second order, direct form I, with the cookbook's coefficients (R. Bristow-Johnson).
void low_pass(Planes& planes, double frequency_hz, double q)
{
    const double w = 2.0 * std::numbers::pi * frequency_hz / test::song_rate_hz;
    const double alpha = std::sin(w) / (2.0 * q);
    const double a0 = 1.0 + alpha;
    for (auto& plane : planes) {
        double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
        for (float& sample : plane) {
            const double x = sample;
            const double y = ((1 - std::cos(w)) * (0.5 * x + x1 + 0.5 * x2) + 2.0 * std::cos(w) * y1 - (1 - alpha) * y2) / a0;
            x2 = std::exchange(x1, x);
            y2 = std::exchange(y1, y);
            sample = static_cast<float>(y);
        }
    }
}

TEST_F(SongEffects, are_heard_in_their_order)
{
    const auto preset = with(R"({"GainSettings": {"enabled": true, "gain": "6db"}}, {"DistortionSettings": {"enabled": true, "gain": 2, "threshold": "0.2"}},
                                {"LowPassFilterSettings": {"enabled": true, "freq": 900}}, {"PanSettings": {"enabled": true, "position": 0.5}},
                                {"HighPassFilterSettings": {}})");
    EXPECT_TRUE(preset.warnings.empty());
    Planes expected = dry();
    const float gain = static_cast<float>(2.0 * std::pow(10.0, 6.0 / 20.0));
    for (auto& plane : expected)
        for (float& sample : plane) sample = std::clamp(sample * gain, -0.2f, 0.2f);
    low_pass(expected, 900.0, 0.5);
    for (float& sample : expected[0]) sample *= 0.5f;
    expect_same(play(preset.text), expected, 1e-5);
}

TEST_F(SongEffects, convolve_with_what_is_attached_shaped_as_the_song_says)
{
    for (const bool extract : {false, true}) {
        const auto preset = with(R"({"ConvolutionReverbSettings": {"mix": 0.4, "impulse_response": "attachment:hall.wav", "impulse_response_tail_db": -40}})", extract);
        EXPECT_TRUE(preset.warnings.empty());
        for (const auto& [path, content] : preset.files) std::ofstream(path, std::ios::binary) << content;
        // Peak 0.5: the last sample of the left is 74 dB below and cut. The loudest channel: 0.25² + 0.5² + 0.125² against 0.5² + 0.25².
        const double scale = 1.0 / std::sqrt(0.0625 + 0.25 + 0.015625);
        const Planes in = dry();
        Planes expected = in;
        for (std::size_t channel = 0; channel < 2; ++channel)
            for (std::size_t i = 0; i < in[channel].size(); ++i) {
                double wet = 0.0;
                for (std::size_t k = 0; k < 4 && k <= i; ++k) wet += impulse_[channel][k] * scale * in[channel][i - k];
                expected[channel][i] = static_cast<float>(0.6 * in[channel][i] + 0.4 * wet);
            }
        expect_same(play(preset.text), expected, 1e-5);
        EXPECT_EQ(preset.files.size(), extract ? 1u : 0u);
    }
}

TEST_F(SongEffects, find_their_impulse_in_the_folder_first_and_then_among_what_is_attached)
{
    test::write_audio(folder_.file("other.wav"), {test::song_rate_hz, {{1.0f, 1.0f}, {1.0f, -1.0f}}});
    const auto named = [&](const std::string& name) { return with(R"({"ConvolutionReverbSettings": {"mix": 1, "impulse_response": ")" + name + R"("}})").text; };
    EXPECT_NE(named("other.wav").find("impulse: \"other.wav\"\n    normalize"), std::string::npos);
    EXPECT_NE(named("file:other.wav").find("impulse: \"other.wav\"\n    normalize"), std::string::npos);
    EXPECT_NE(named(folder_.file("other.wav")).find("impulse: \"other.wav\"\n    normalize"), std::string::npos);
    for (const char* elsewhere : {"/gone/hall.wav", "file:gone/hall.wav", "attachment:hall.wav", "attachment:\\\"hall.wav\\\"", "attachment:x/hall.wav"})
        EXPECT_NE(named(elsewhere).find("attachment: \"hall.wav\""), std::string::npos) << elsewhere;
}

TEST_F(SongEffects, give_each_side_the_channel_of_an_impulse_counted_round)
{
    // Four channels are no true stereo here: the left has the first, the right the second.
    const Planes impulse{{1.0f, 0.5f}, {1.0f, 0.0f, -0.5f}, {1.0f, 1.0f, 1.0f}, {-1.0f, 1.0f}};
    Planes padded = impulse;
    for (auto& channel : padded) channel.resize(3);
    test::write_audio(folder_.file("wide.wav"), {test::song_rate_hz, padded});
    const auto preset = with(R"({"ConvolutionReverbSettings": {"mix": 1, "impulse_response_path": "wide.wav"}})");
    const double scale = 1.0 / std::sqrt(3.0);  // the third channel is the loudest
    const Planes in = dry();
    Planes expected = in;
    for (std::size_t channel = 0; channel < 2; ++channel)
        for (std::size_t i = 0; i < in[channel].size(); ++i) {
            double wet = 0.0;
            for (std::size_t k = 0; k < 3 && k <= i; ++k) wet += padded[channel][k] * scale * in[channel][i - k];
            expected[channel][i] = static_cast<float>(wet);
        }
    expect_same(play(preset.text), expected, 1e-5);
}

TEST_F(SongEffects, never_write_over_another_file)
{
    folder_.write("play_settings.json", "");
    const auto song = pack(R"({"encoder_version": 2, "tracks": [{"ids": [1]}], "effects": [{"ConvolutionReverbSettings": {"impulse_response": "attachment:hall.wav"}}]})");
    folder_.write("hall.wav", "mine");
    const auto preset = preset_of(song, {.extract = true});
    ASSERT_EQ(preset.files.size(), 1u);
    EXPECT_EQ(preset.files[0].first, folder_.file("hall-2.wav"));
}

TEST_F(SongEffects, that_nobody_knows_stay_in_a_comment_and_are_named)
{
    const auto preset = with(R"({"DiffusionReverbSettings": {"mix": 0.5}}, {"Sparkle\n": {"a": "ü"}}, {"ConvolutionReverbSettings": {"impulse_response": "gone.wav"}},
                                {"CompressorSettings": {"active": false}})");
    ASSERT_EQ(preset.warnings.size(), 3u);
    EXPECT_NE(preset.warnings[0].message.find("DiffusionReverbSettings"), std::string::npos);
    EXPECT_NE(preset.text.find("# left out, since it is off: {\"CompressorSettings\""), std::string::npos);
    expect_same(play(preset.text), dry());
}

std::string yaml_of(const std::string& name, const std::string& fields)
{
    const auto unit = translate({name, Json::parse(fields)});
    const auto* chain = std::get_if<ChainUnit>(&unit);
    return chain == nullptr ? "" : chain->yaml;
}

TEST(SongEffect, has_the_defaults_and_other_names_of_the_format)
{
    EXPECT_EQ(yaml_of("CompressorSettings", R"({"enabled": true, "threshold": "0.5", "makeup_db": 2})"),
              "compressor: { threshold: -6.020599913279624 dB, ratio: 4, attack: 10 ms, release: 100 ms, knee: 0 dB, makeup: 2 dB }");
    EXPECT_EQ(yaml_of("LimiterSettings", R"({"enabled": true})"),
              "compressor: { threshold: -1 dB, ratio: 100, attack: 5 ms, release: 100 ms, knee: 4 dB, makeup: 0 dB }");
    EXPECT_EQ(yaml_of("BasicReverbSettings", R"({"dry_wet": 0.3, "amplitude": 2})"), "delay: { time: 100 ms, feedback: 0.8, mix: 0.3 }");
    EXPECT_EQ(yaml_of("MultibandEqSettings", R"({"enabled": true, "bands": [{"freq_hz": 500, "gain_db": "2"}], "low_edge": {"type": "high_pass", "freq_hz": 40, "q": 0.7},
                                                 "high_edge": {"type": "high_shelf", "freq_hz": 9000, "gain_db": -3}})"),
              "eq: { bands: [{ type: highpass, frequency: 40 Hz, q: 0.7 }, { type: peak, frequency: 500 Hz, q: 0.8, gain: 6.020599913279624 dB }, "
              "{ type: highshelf, frequency: 9000 Hz, q: 0.8, gain: -3 dB }] }");
    EXPECT_EQ(yaml_of("CompressorSettings", R"({"active": true, "attack": 3, "knee": 2, "ratio": 5, "release": 40, "threshold": -9})"),
              "compressor: { threshold: -9 dB, ratio: 5, attack: 3 ms, release: 40 ms, knee: 2 dB, makeup: 0 dB }");
    EXPECT_EQ(yaml_of("DelayReverbSettings", "{}"), "delay: { time: 100 ms, feedback: 0.7, mix: 0 }");
    EXPECT_EQ(yaml_of("LowPassFilterSettings", R"({"enabled": true})"), "eq: { bands: [{ type: lowpass, frequency: 1000 Hz, q: 0.5 }] }");
    EXPECT_EQ(yaml_of("HighPassFilterSettings", R"({"enabled": true, "frequency_hz": 50, "bandwidth": 2})"), "eq: { bands: [{ type: highpass, frequency: 50 Hz, q: 2 }] }");
    EXPECT_EQ(yaml_of("DistortionSettings", R"({"enabled": true})"), "clip: { drive: 0 dB, ceiling: 0 dB }");
    EXPECT_EQ(yaml_of("GainSettings", R"({"enabled": true})"), "gain: { gain: 0 dB }");
    EXPECT_EQ(yaml_of("GainSettings", R"({"enabled": true, "gain": "-4 dB"})"), "gain: { gain: -4 dB }");
    EXPECT_EQ(yaml_of("GainSettings", R"({"enabled": true, "gain": 0})"), "gain: { gain: off }");
    EXPECT_EQ(yaml_of("PanSettings", R"({"enabled": true})"), "balance: { pan: 0 }");
    EXPECT_EQ(yaml_of("CompressorSettings", R"({"enabled": true})"), "compressor: { threshold: -18 dB, ratio: 4, attack: 10 ms, release: 100 ms, knee: 0 dB, makeup: 0 dB }");
    EXPECT_EQ(yaml_of("MultibandEqSettings", R"({"enabled": true})"),
              "eq: { bands: [{ type: peak, frequency: 120 Hz, q: 0.8, gain: 0 dB }, { type: peak, frequency: 1000 Hz, q: 0.8, gain: 0 dB }, "
              "{ type: peak, frequency: 8000 Hz, q: 0.8, gain: 0 dB }] }");
    EXPECT_EQ(yaml_of("MultibandEqSettings", R"({"enabled": true, "eq_points": [], "low_edge": {"type": "low_shelf", "gain_db": 2}, "high_edge": {"type": "low_pass", "freq_hz": 9000}})"),
              "eq: { bands: [{ type: lowshelf, frequency: 120 Hz, q: 0.8, gain: 2 dB }, { type: lowpass, frequency: 9000 Hz, q: 0.8 }] }");
    for (const char* name : {"GainSettings", "LowPassFilterSettings", "HighPassFilterSettings", "DistortionSettings", "CompressorSettings", "LimiterSettings", "MultibandEqSettings", "PanSettings"})
        EXPECT_EQ(yaml_of(name, R"({"gain": 2})"), "") << name;  // off, where the song does not say
    for (const char* name : {"DelayReverbSettings", "BasicReverbSettings"}) EXPECT_NE(yaml_of(name, "{}"), "") << name;
    EXPECT_EQ(yaml_of("DelayReverbSettings", R"({"enabled": false})"), "");
}

TEST(SongEffect, that_is_a_reverb_of_another_kind_is_missed_only_where_it_is_heard)
{
    for (const char* name : {"DiffusionReverbSettings", "ReverbSettings"}) {
        const auto heard = translate({name, Json::parse(R"({"mix": 0.2})")});
        const auto unheard = translate({name, Json::object()});
        const auto off = translate({name, Json::parse(R"({"mix": 0.2, "active": false})")});
        EXPECT_TRUE(std::get<SilentUnit>(heard).is_missed) << name;
        EXPECT_FALSE(std::get<SilentUnit>(unheard).is_missed) << name;
        EXPECT_FALSE(std::get<SilentUnit>(off).is_missed) << name;
    }
}

TEST(SongEffect, names_its_impulse_by_the_first_that_is_not_null)
{
    const auto unit = translate({"ConvolutionReverbSettings", Json::parse(R"({"impulse_response": null, "impulse_response_path": "a.wav", "impulse_response_tail": 30})")});
    const auto* reverb = std::get_if<ReverbUnit>(&unit);
    ASSERT_NE(reverb, nullptr);
    EXPECT_EQ(reverb->impulse, "a.wav");
    EXPECT_EQ(reverb->tail_db, -30.0);
    EXPECT_EQ(reverb->mix, 1e-6);
}

}  // namespace

}  // namespace stemwire::container
