// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace stemwire::test {

/// Stretches of a recording around cycles that the machine missed: what was heard there says nothing of us.
class Excused {
public:
    /// As of now; to be called often.
    void look(std::uint64_t xruns, std::size_t heard)
    {
        if (xruns != xruns_) stretches_.emplace_back(heard_ - std::min(heard_, around), heard + around);
        xruns_ = xruns;
        heard_ = heard;
    }
    [[nodiscard]] bool covers(std::size_t frame) const
    {
        return std::ranges::any_of(stretches_, [frame](const auto& stretch) { return frame >= stretch.first && frame < stretch.second; });
    }
    [[nodiscard]] std::size_t heard() const noexcept { return heard_; }

private:
    static constexpr std::size_t around = 8 * 256;  // what is missed is counted a cycle later, and heard another one or two later

    std::uint64_t xruns_ = 0;
    std::size_t heard_ = 0;
    std::vector<std::pair<std::size_t, std::size_t>> stretches_;
};

}  // namespace stemwire::test
