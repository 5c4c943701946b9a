// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace stemwire::dsp {

enum class ResamplerQuality { fast, high, best };

/// Polyphase windowed-sinc rate conversion of one stream of planar float. Output frame k is the input's band-limited value at time k · from
/// / to, exactly: no delay to compensate and nothing that depends on how the input is cut. `best`: ±0.1 dB to 20.4 kHz at 44.1 → 48 kHz,
/// everything else below −130 dB. `high`: ±0.1 dB to 21.1 kHz, and −130 dB for what lies below 20.4 kHz; what lies above it has an image
/// above 22.05 kHz. `fast`: ±0.1 dB to 20.4 kHz, −100 dB for what lies below 19.4 kHz. At the same rates it copies. Other rates in
/// proportion to the lower one. What is not finite may spoil some frames more than the filter is long.
class Resampler {
public:
    /// Allocates its filter and history. Any rates of 1 … 768,000 Hz.
    Resampler(double from_hz, double to_hz, std::size_t channels, ResamplerQuality quality);
    ~Resampler();
    Resampler(Resampler&&) noexcept;
    Resampler& operator=(Resampler&&) noexcept;

    /// Frames of input that an output frame needs on each side of its own time.
    [[nodiscard]] std::uint32_t reach() const noexcept;

    /// Starts anew: the next input frame is frame `input_frame` of the stream (frames before it are taken as silence), and the next output
    /// frame is `output_frame`. To start in the middle, feed from floor(output_frame · from / to) − reach().
    void start(std::uint64_t input_frame, std::uint64_t output_frame);

    /// Takes input and gives output as far as it goes: returns what was taken and what was made.
    struct Step {
        std::uint32_t consumed;
        std::uint32_t produced;
    };
    Step process(std::span<const float* const> in, std::uint32_t in_frames, std::span<float* const> out, std::uint32_t out_frames);
    /// After the last input: goes on with silence as input. Call until it has produced what output_length() says.
    std::uint32_t drain(std::span<float* const> out, std::uint32_t out_frames);

    /// How many frames a stream of `input_frames` becomes: round(input_frames · to / from).
    [[nodiscard]] std::uint64_t output_length(std::uint64_t input_frames) const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace stemwire::dsp
