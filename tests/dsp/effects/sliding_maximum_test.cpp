// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/sliding_maximum.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/support/lambda_node.hpp"

namespace stemwire::dsp {
namespace {

TEST(SlidingMaximum, is_the_largest_of_the_last_values)
{
    for (const std::size_t length : {1u, 2u, 3u, 10u, 241u}) {
        SlidingMaximum maximum;
        maximum.prepare(length);
        std::vector<double> values;
        for (std::uint64_t i = 0; i < 3000; ++i) {
            // Runs that rise, fall and stand still, between noise.
            const double value = i / 500 % 2 ? test::noise(i) : static_cast<double>(i % 300 < 150 ? i % 150 : 150 - i % 150) / 100.0;
            values.push_back(value);
            const auto first = values.end() - static_cast<std::ptrdiff_t>(std::min(length, values.size()));
            ASSERT_EQ(maximum.next(value), *std::max_element(first, values.end())) << length << ' ' << i;
        }
    }
}

}  // namespace
}  // namespace stemwire::dsp
