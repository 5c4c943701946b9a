// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/yaml_tree.hpp"
#include "tests/preset/load.hpp"

namespace stemwire::preset {
namespace {

std::string repeated(const std::string& text, std::size_t times)
{
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

/// `levels` levels of nine aliases each: 9^levels values.
std::string bomb(const std::string& seed, const std::string& open, const std::string& close, int levels)
{
    std::string text = "a0: &a0 " + seed + "\n";
    for (int level = 1; level < levels; ++level) {
        const std::string number = std::to_string(level);
        text += "a" + number + ": &a" + number + " " + open + "*a" + std::to_string(level - 1) +
                repeated(", *a" + std::to_string(level - 1), 8) + close + "\n";
    }
    return text;
}

void expect_too_large(const std::string& yaml)
{
    const auto errors = errors_of(yaml);
    ASSERT_EQ(errors.size(), 1u) << yaml.substr(0, 40);
    EXPECT_NE(errors[0].find("too large or too deeply nested"), std::string::npos) << errors[0];
}

TEST(Hostile, aliases_that_multiply_are_refused)
{
    expect_too_large(bomb("[x, x, x]", "[", "]", 30));
    expect_too_large(bomb("{ x: 1 }", "{ <<: [", "] }", 30));
    expect_too_large("a: &a '" + std::string(500'000, 'x') + "'\nb: [" + repeated("*a, ", 1000) + "]\n");
}

TEST(Hostile, nesting_is_refused_before_it_fills_the_stack)
{
    for (const char* opening : {"[", "{a: ", "- ", "? ", "{"}) expect_too_large(repeated(opening, 90'000));
    std::string chain = "a0: &a0 [x]\n";
    for (int i = 1; i < 100; ++i) chain += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
    expect_too_large(chain);
}

TEST(Hostile, more_values_than_a_preset_can_mean_are_refused)
{
    expect_too_large("[" + repeated("a,", 400'000) + "]");
    expect_too_large(repeated("-\n", 200'000));
    std::string keys;
    for (int i = 0; i < 80'000; ++i) keys += "k" + std::to_string(i) + ": 1\n";
    expect_too_large(keys);
}

TEST(Hostile, an_alias_inside_of_its_own_anchor_is_refused)
{
    EXPECT_EQ(errors_of("a: &a [*a]"),
              (std::vector<std::string>{"test.yaml:1:8: error: an alias inside of what it stands for never ends"}));
    EXPECT_EQ(errors_of("a: &a {<<: *a}").size(), 1u);
}

TEST(Hostile, only_the_first_hundreds_of_errors_are_kept)
{
    std::string yaml = "stemwire: 1\nnodes: { tone: { type: generator } }\nlinks:\n";
    for (int i = 0; i < 2000; ++i) yaml += "- tone -> far" + std::to_string(i) + "\n";
    const auto errors = errors_of(yaml);
    ASSERT_EQ(errors.size(), 501u);
    EXPECT_EQ(errors.back(), "test.yaml: error: and 1500 more");
}

TEST(Hostile, what_is_no_preset_is_refused)
{
    EXPECT_EQ(errors_of(std::string(largest_preset + 1, 'a')),
              (std::vector<std::string>{"test.yaml:1:1: error: the preset is larger than 1 MiB"}));
    EXPECT_EQ(errors_of(std::string("stemwire: 1\0", 12)), (std::vector<std::string>{"test.yaml:1:1: error: this is no text"}));
    EXPECT_EQ(to_string(load("/dev/zero").errors.at(0)), "/dev/zero: error: is no regular file");
    EXPECT_EQ(to_string(load("/").errors.at(0)), "/: error: is a folder, not a preset");
    EXPECT_EQ(to_string(load("/no/such.yaml").errors.at(0)), "/no/such.yaml: error: the preset cannot be read: No such file or directory");
}

TEST(Hostile, a_media_file_that_is_a_pipe_or_a_device_is_not_opened)
{
    EXPECT_EQ(errors_of(head + "nodes: { tape: { type: track, file: /dev/zero } }\n"),
              (std::vector<std::string>{"test.yaml:3:37: error: the file '/dev/zero' is no regular file"}));
}

}  // namespace
}  // namespace stemwire::preset
