// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/memory_budget.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace stemwire::session {
namespace {

constexpr std::size_t megabyte = 1'000'000;

preset::Preset preset_of(std::size_t characters, std::vector<std::int64_t> file_bytes = {})
{
    preset::Preset preset;
    preset.text = std::make_shared<const std::string>(characters, '#');
    for (const std::int64_t bytes : file_bytes) {
        preset::NodeModel node;
        node.files.emplace_back().size = bytes;
        preset.nodes.push_back(std::move(node));
    }
    return preset;
}

TEST(MemoryBudget, a_kilobyte_is_allowed_less_than_the_program_may_take_with_it)
{
    EXPECT_LT(memory_allowance(preset_of(1024)), 150 * megabyte);
    EXPECT_LT(memory_allowance(preset_of(1024, std::vector<std::int64_t>(40, 1024))), 150 * megabyte);
}

TEST(MemoryBudget, more_text_and_larger_files_are_allowed_more)
{
    EXPECT_GT(memory_allowance(preset_of(4000)), 250 * megabyte);
    EXPECT_GE(memory_allowance(preset_of(200, {4'000'000})), memory_allowance(preset_of(200)) + 250 * megabyte);
    EXPECT_GT(memory_allowance(preset_of(200, {1'000'000, 1'000'000})), memory_allowance(preset_of(200, {1'000'000})));
}

TEST(MemoryBudget, what_is_missing_or_immense_is_no_reason_for_more_than_a_gibibyte)
{
    EXPECT_EQ(memory_allowance(preset_of(200, {-1})), memory_allowance(preset_of(200)));
    EXPECT_EQ(memory_allowance(preset_of(1'000'000, std::vector<std::int64_t>(100, std::numeric_limits<std::int64_t>::max()))), std::size_t{1} << 30);
}

TEST(MemoryBudget, what_the_user_says_counts_alone)
{
    preset::Preset preset = preset_of(1'000'000);
    preset.memory_bytes = 5;
    EXPECT_EQ(memory_allowance(preset), 5u);
}

}  // namespace
}  // namespace stemwire::session
