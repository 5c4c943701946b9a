// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/damage_report.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <utility>

namespace stemwire::media {

namespace {

// Rounded durations differ by less, and so does padding that a header counts in.
constexpr double length_tolerance_s = 0.2;

}  // namespace

std::string time_text(std::uint64_t frame, int rate_hz)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f s", static_cast<double>(frame) / rate_hz);
    return text.data();
}

void DamageReport::tell(const std::string& what)
{
    if (std::exchange(told_, true)) return;
    message_ = std::filesystem::path(path_).filename().string() + " " + what;
}

void DamageReport::tell_damage(std::uint64_t frame, int rate_hz)
{
    if (!told_) damaged_at_ = frame;
    tell("is damaged at " + time_text(frame, rate_hz));
}

bool DamageReport::tell_early_end(std::uint64_t frame, std::uint64_t length, int rate_hz)
{
    const auto tolerance = static_cast<std::uint64_t>(length_tolerance_s * rate_hz);
    if (frame + tolerance >= length) return false;
    // What a cut left of the last frame is no damage worth its own message.
    if (message_ && frame - damaged_at_ < tolerance) told_ = false;
    tell("ends at " + time_text(frame, rate_hz) + ", though it says that it is " + time_text(length, rate_hz) + " long");
    return true;
}

std::optional<std::string> DamageReport::take()
{
    return std::exchange(message_, std::nullopt);
}

}  // namespace stemwire::media
