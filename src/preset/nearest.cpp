// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>

#include "preset/preset.hpp"

namespace stemwire::preset {

namespace {

constexpr std::size_t longest_word = 64;  ///< nobody means a longer one

/// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours (Damerau 1964). Words of at most longest_word.
std::size_t distance(std::string_view a, std::string_view b)
{
    std::array<std::array<std::size_t, longest_word + 1>, longest_word + 1> cost;
    for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j) {
            cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    return cost[a.size()][b.size()];
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word, const std::vector<std::string_view>& known)
{
    if (word.size() > longest_word) return std::nullopt;
    // A third of the letters may be wrong, and at least one, but not all.
    std::size_t best_distance = std::min(std::max<std::size_t>(1, word.size() / 3) + 1, word.size());
    std::optional<std::string_view> best;
    for (const std::string_view candidate : known) {
        const std::size_t longer = std::max(candidate.size(), word.size()) - std::min(candidate.size(), word.size());
        if (candidate.size() > longest_word || longer >= best_distance) continue;
        if (const std::size_t here = distance(word, candidate); here < best_distance) {
            best_distance = here;
            best = candidate;
        }
    }
    return best;
}

}  // namespace stemwire::preset
