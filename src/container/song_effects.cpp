// SPDX-License-Identifier: GPL-3.0-or-later
#include "container/song_effects.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "container/lenient.hpp"
#include "stemwire/units.hpp"

namespace stemwire::container {

namespace {

constexpr double infinite_ratio = 100.0;  // the highest of our compressor: 1 % of what is above the threshold is left
constexpr double default_q = 0.8;         // of an equalizer's point

std::string within(double value, double low, double high, const char* unit)
{
    return number_text(std::clamp(value, low, high)) + unit;
}

/// A factor in dB, without the last digits that the way there and back has left.
double decibels(double factor)
{
    constexpr double kept = 1e9;
    return std::round(linear_to_decibels(factor) * kept) / kept;
}

/// A level as our `gain` takes it.
std::string gain_text(double gain_db)
{
    return gain_db < -120.0 ? "off" : within(gain_db, -120.0, 24.0, " dB");
}

std::string band_text(const char* type, double frequency_hz, double q)
{
    return std::string("{ type: ") + type + ", frequency: " + within(frequency_hz, 10.0, 40000.0, " Hz") + ", q: " + within(q, 0.1, 40.0, "");
}

ChainUnit filter(const Json& fields, const char* type)
{
    const double frequency_hz = number_of(fields, {"freq_hz", "freq", "frequency_hz"}, 1000.0);
    return {"eq: { bands: [" + band_text(type, frequency_hz, number_of(fields, {"q", "bandwidth"}, 0.5)) + " }] }"};
}

std::string gained_band(const char* type, const Json& fields, double frequency_hz)
{
    const double q = number_of(fields, {"q"}, default_q);
    return band_text(type, number_of(fields, {"freq_hz", "freq", "frequency_hz"}, frequency_hz), q) +
           ", gain: " + within(decibels_of(fields, {"gain_db", "gain"}, 0.0), -40.0, 40.0, " dB") + " }";
}

/// An edge of the equalizer: a pass filter, a shelf, or nothing.
void add_edge(const Json& edge, const char* pass, const char* pass_band, const char* shelf, const char* shelf_band, double frequency_hz,
              std::vector<std::string>& bands)
{
    const std::string type = text_of(edge, {"type"});
    if (type == shelf) bands.push_back(gained_band(shelf_band, edge, frequency_hz));
    if (type == pass)
        bands.push_back(band_text(pass_band, number_of(edge, {"freq_hz", "freq", "frequency_hz"}, frequency_hz), number_of(edge, {"q"}, default_q)) + " }");
}

EffectUnit equalizer(const Json& fields)
{
    constexpr std::array defaults_hz{120.0, 1000.0, 8000.0};
    std::vector<std::string> bands;
    add_edge(member(fields, "low_edge"), "high_pass", "highpass", "low_shelf", "lowshelf", defaults_hz.front(), bands);
    const Json& points = member(fields, {"points", "bands", "eq_points"});
    if (points.is_array())
        for (const Json& point : points) bands.push_back(gained_band("peak", point, 1000.0));
    else
        for (const double frequency_hz : defaults_hz) bands.push_back(gained_band("peak", Json::object(), frequency_hz));
    add_edge(member(fields, "high_edge"), "low_pass", "lowpass", "high_shelf", "highshelf", defaults_hz.back(), bands);
    if (bands.empty()) return SilentUnit{"has no bands", false};
    std::string text;
    for (const std::string& band : bands) text += (text.empty() ? "" : ", ") + band;
    return ChainUnit{"eq: { bands: [" + text + "] }"};
}

/// A compressor or a soft limiter: the same gain computer with another ratio.
ChainUnit compressor(const Json& fields, double threshold_db, const std::string& ratio, double attack_ms, double knee_db)
{
    return {"compressor: { threshold: " + within(decibels_of(fields, {"threshold_db", "threshold"}, threshold_db), -80.0, 0.0, " dB") +
            ", ratio: " + ratio + ", attack: " + within(number_of(fields, {"attack_ms", "attack"}, attack_ms), 0.1, 1000.0, " ms") +
            ", release: " + within(number_of(fields, {"release_ms", "release"}, 100.0), 1.0, 5000.0, " ms") +
            ", knee: " + within(decibels_of(fields, {"knee_width_db", "knee_width", "knee"}, knee_db), 0.0, 40.0, " dB") +
            ", makeup: " + within(decibels_of(fields, {"makeup_gain_db", "makeup_db", "makeup_gain"}, 0.0), -40.0, 40.0, " dB") + " }"};
}

double mix_of(const Json& fields, Names names, double fallback)
{
    return std::clamp(number_of(fields, names, fallback), 0.0, 1.0);
}

EffectUnit delay_reverb(const Json& fields)
{
    return ChainUnit{"delay: { time: " + within(number_of(fields, {"duration_ms"}, 100.0), 1.0, 10000.0, " ms") +
                     ", feedback: " + within(number_of(fields, {"amplitude"}, 0.7), 0.0, 0.8, "") +
                     ", mix: " + number_text(mix_of(fields, {"mix", "dry_wet", "wet_dry"}, 0.0)) + " }"};
}

EffectUnit convolution_reverb(const Json& fields)
{
    const Json& impulse = member(fields, {"impulse_response", "impulse_response_attachment", "impulse_response_path"});
    if (!impulse.is_string()) return SilentUnit{"names no impulse response", true};
    const double tail_db = decibels_of(fields, {"impulse_response_tail_db", "impulse_response_tail"}, -60.0);
    return ReverbUnit{impulse.get<std::string>(), mix_of(fields, {"dry_wet", "wet_dry", "mix"}, 1e-6), std::clamp(-std::abs(tail_db), -200.0, 0.0)};
}

EffectUnit unknown_reverb(const Json& fields)
{
    const bool is_heard = mix_of(fields, {"mix", "dry_wet", "wet_dry"}, 0.0) > 0.0;
    return SilentUnit{is_heard ? "has no node that does it" : "is mixed in at 0", is_heard};
}

EffectUnit gain(const Json& fields)
{
    return ChainUnit{"gain: { gain: " + gain_text(decibels(factor_of(fields, {"gain"}, 1.0))) + " }"};
}

EffectUnit distortion(const Json& fields)
{
    const double drive_db = decibels(factor_of(fields, {"gain"}, 1.0));
    const double ceiling_db = decibels(factor_of(fields, {"threshold"}, 1.0));
    return ChainUnit{"clip: { drive: " + within(drive_db, -60.0, 60.0, " dB") + ", ceiling: " + within(ceiling_db, -60.0, 20.0, " dB") + " }"};
}

EffectUnit pan(const Json& fields)
{
    return ChainUnit{"balance: { pan: " + within(number_of(fields, {"pan", "position"}, 0.0), -1.0, 1.0, "") + " }"};
}

struct Translation {
    const char* name;
    bool enabled;  ///< where the song does not say
    EffectUnit (*make)(const Json& fields);
};

constexpr std::array<Translation, 13> translations{{
    {"DelayReverbSettings", true, &delay_reverb},
    {"BasicReverbSettings", true, &delay_reverb},
    {"DiffusionReverbSettings", true, &unknown_reverb},
    {"ReverbSettings", true, &unknown_reverb},
    {"ConvolutionReverbSettings", true, &convolution_reverb},
    {"LowPassFilterSettings", false, [](const Json& fields) -> EffectUnit { return filter(fields, "lowpass"); }},
    {"HighPassFilterSettings", false, [](const Json& fields) -> EffectUnit { return filter(fields, "highpass"); }},
    {"DistortionSettings", false, &distortion},
    {"GainSettings", false, &gain},
    {"CompressorSettings", false,
     [](const Json& fields) -> EffectUnit { return compressor(fields, -18.0, within(number_of(fields, {"ratio"}, 4.0), 1.0, 100.0, ""), 10.0, 0.0); }},
    {"LimiterSettings", false, [](const Json& fields) -> EffectUnit { return compressor(fields, -1.0, number_text(infinite_ratio), 5.0, 4.0); }},
    {"MultibandEqSettings", false, &equalizer},
    {"PanSettings", false, &pan},
}};

}  // namespace

EffectUnit translate(const SongEffect& effect)
{
    const auto known = std::ranges::find_if(translations, [&](const Translation& each) { return effect.name == each.name; });
    if (known == translations.end()) return SilentUnit{"is not known", true};
    if (!flag_of(effect.fields, {"enabled", "active"}, known->enabled)) return SilentUnit{"is off", false};
    return known->make(effect.fields);
}

}  // namespace stemwire::container
