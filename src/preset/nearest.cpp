// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "preset/preset.hpp"

namespace stemwire::preset {

namespace {

/// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours (Damerau 1964).
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j) {
            cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    return cost[a.size()][b.size()];
}

constexpr std::size_t longest_word = 64;  ///< nobody means a longer one

}  // namespace

std::optional<std::string_view> nearest(std::string_view word, const std::vector<std::string_view>& known)
{
    if (word.size() > longest_word) return std::nullopt;
    // A third of the letters may be wrong, and at least one.
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    std::optional<std::string_view> best;
    for (const std::string_view candidate : known) {
        if (candidate.size() > longest_word) continue;
        if (const std::size_t here = distance(word, candidate); here < best_distance) {
            best_distance = here;
            best = candidate;
        }
    }
    return best;
}

}  // namespace stemwire::preset
