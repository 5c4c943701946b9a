// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "preset/preset.hpp"

namespace stemwire::preset {
namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();

Parameter row(Kind kind, double minimum = -unbounded, double maximum = unbounded)
{
    return {.name = "it", .kind = kind, .description = "", .minimum = minimum, .maximum = maximum};
}

struct Case {
    Kind kind;
    const char* text;
    double value;
};

TEST(Quantities, carry_their_units)
{
    for (const auto& [kind, text, value] : std::vector<Case>{{Kind::gain, "-3 dB", -3.0},
                                                             {Kind::gain, "-3dB", -3.0},
                                                             {Kind::gain, "+1.5", 1.5},
                                                             {Kind::gain, "off", gain_off},
                                                             {Kind::time, "20 ms", 0.02},
                                                             {Kind::time, "2.5 s", 2.5},
                                                             {Kind::time, "1 min", 60.0},
                                                             {Kind::time, "480 frames", 0.01},
                                                             {Kind::time, "3", 3.0},
                                                             {Kind::frequency, "80 Hz", 80.0},
                                                             {Kind::frequency, "3.2 kHz", 3200},
                                                             {Kind::frequency, "440", 440.0},
                                                             {Kind::amount, "0.5", 0.5},
                                                             {Kind::amount, "50 %", 0.5},
                                                             {Kind::amount, "50%", 0.5},
                                                             {Kind::pan, "L100", -1.0},
                                                             {Kind::pan, "C", 0.0},
                                                             {Kind::pan, "R20", 0.2},
                                                             {Kind::pan, "-0.3", -0.3},
                                                             {Kind::flag, "true", 1.0},
                                                             {Kind::flag, "false", 0.0},
                                                             {Kind::number, "1.1", 1.1},
                                                             {Kind::integer, "7", 7.0},
                                                             {Kind::number, "1e-3", 1e-3}}) {
        const auto parsed = parse_number(row(kind), text, 48000);
        ASSERT_TRUE(parsed) << text << ": " << parsed.error().message;
        EXPECT_DOUBLE_EQ(*parsed, value) << text;
    }
}

TEST(Quantities, a_wrong_unit_or_word_is_refused)
{
    for (const auto& [kind, text, value] : std::vector<Case>{{Kind::gain, "-3 ms", 0},
                                                             {Kind::gain, "loud", 0},
                                                             {Kind::gain, "", 0},
                                                             {Kind::time, "3 Hz", 0},
                                                             {Kind::time, "off", 0},
                                                             {Kind::frequency, "3 dB", 0},
                                                             {Kind::pan, "L120", 0},
                                                             {Kind::pan, "X", 0},
                                                             {Kind::flag, "maybe", 0},
                                                             {Kind::integer, "1.5", 0},
                                                             {Kind::number, "3 dB", 0},
                                                             {Kind::number, "nan", 0},
                                                             {Kind::number, "inf", 0},
                                                             {Kind::gain, "-3 dB dB", 0},
                                                             {Kind::amount, "5 percent", 0},
                                                             {Kind::time, "1e400 s", 0}}) {
        EXPECT_FALSE(parse_number(row(kind), text)) << text;
        (void)value;
    }
}

TEST(Quantities, frames_are_frames_of_the_rate)
{
    EXPECT_DOUBLE_EQ(*parse_number(row(Kind::time), "441 frames", 44100), 0.01);
    EXPECT_DOUBLE_EQ(*parse_number(row(Kind::time), "480 frames"), 0.01);
}

/// `20 ms`, `2.5 s` and `480 frames` of `… a time such as 20 ms, 2.5 s or 480 frames`.
std::vector<std::string> examples_in(std::string message)
{
    const std::string before = "such as ";
    message.erase(0, message.find(before) + before.size());
    message.erase(std::min(message.find(", or "), message.size()));
    for (auto at = message.find(" or "); at != std::string::npos; at = message.find(" or ")) message.replace(at, 4, ", ");
    std::vector<std::string> examples;
    for (std::size_t from = 0; from <= message.size(); from = std::min(message.find(", ", from), message.size()) + 2)
        examples.push_back(message.substr(from, message.find(", ", from) - from));
    return examples;
}

TEST(Quantities, a_message_gives_examples_that_can_be_read)
{
    const std::vector<std::pair<Kind, std::size_t>> kinds{{Kind::gain, 1}, {Kind::gain_map, 1}, {Kind::time, 4}, {Kind::time_range, 4},
                                                          {Kind::frequency, 2}, {Kind::amount, 2}, {Kind::pan, 3}};
    for (const auto& [kind, count] : kinds) {
        const std::string message = parse_number(row(kind), "nothing").error().message;
        EXPECT_EQ(examples_in(message).size(), count) << message;
        for (const std::string& example : examples_in(message)) EXPECT_TRUE(parse_number(row(kind), example)) << example;
    }
    EXPECT_EQ(parse_number(row(Kind::integer), "1.5").error().message, "'1.5' is not a whole number");
    EXPECT_EQ(parse_number(row(Kind::flag), "on").error().message, "'on' is not true or false");
    EXPECT_EQ(parse_number(row(Kind::number), "on").error().message, "'on' is not a number");
}

TEST(Quantities, a_message_says_the_range_with_its_unit)
{
    const auto refused = parse_number(row(Kind::gain, -60, 12), "40 dB");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "'40 dB' is out of range (-60 dB … 12 dB)");
}

TEST(Quantities, named_values_are_words)
{
    static constexpr std::array<NamedValue, 1> names{{{"zero", 0.0}}};
    Parameter latency = row(Kind::integer, 1, 64);
    latency.named = names;
    EXPECT_EQ(*parse_number(latency, "zero"), 0.0);
    EXPECT_EQ(format_number(latency, 0.0), "zero");
    EXPECT_FALSE(parse_number(latency, "65"));
}

TEST(Quantities, what_is_written_reads_back_as_the_same_number)
{
    for (const Kind kind : {Kind::gain, Kind::time, Kind::frequency, Kind::pan, Kind::amount, Kind::number})
        for (const double value : {0.0, 0.1, -0.25, 0.3, 1.0 / 3.0, 0.02, 0.999})
            EXPECT_EQ(*parse_number(row(kind), format_number(row(kind), value)), value) << value;
    for (const double value : {1.0, 12.5, 999.9, 1000.0, 3200.0, 44100.0, 1.0 / 3e-5})
        for (const Kind kind : {Kind::gain, Kind::time, Kind::frequency, Kind::number})
            EXPECT_EQ(*parse_number(row(kind), format_number(row(kind), value)), value) << value;
    EXPECT_EQ(format_number(row(Kind::gain), gain_off), "off");
    EXPECT_EQ(format_number(row(Kind::time), 0.02), "20 ms");
    EXPECT_EQ(format_number(row(Kind::frequency), 3200), "3.2 kHz");
    EXPECT_EQ(format_number(row(Kind::pan), -0.2), "L20");
}

/// Thousandths as a person writes them: 1500 is `1.5`, 2000 is `2`.
std::string thousandths(int number)
{
    std::string text = std::to_string(number / 1000) + "." + std::to_string(1000 + number % 1000).substr(1);
    text.erase(text.find_last_not_of('0') + 1);
    return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

TEST(Quantities, are_written_in_the_larger_unit_from_one_of_it_on)
{
    for (int i = 1; i <= 3000; ++i) {
        const double kilo = i / 1000.0;
        EXPECT_EQ(format_number(row(Kind::time), kilo), i < 1000 ? std::to_string(i) + " ms" : thousandths(i) + " s");
        // Few numbers of kHz are not the same number of Hz again.
        const bool exact = kilo * 1000.0 == i;
        EXPECT_EQ(format_number(row(Kind::frequency), i), i < 1000 || !exact ? std::to_string(i) + " Hz" : thousandths(i) + " kHz");
    }
}

TEST(Quantities, percent_and_milliseconds_are_the_nearest_numbers)
{
    for (int i = 0; i <= 1000; ++i) {
        const std::string text = std::to_string(i);
        EXPECT_EQ(*parse_number(row(Kind::amount), text + " %"), i / 100.0) << i;
        EXPECT_EQ(*parse_number(row(Kind::time), text + " ms"), i / 1000.0) << i;
        EXPECT_EQ(format_number(row(Kind::time), i / 1000.0), i == 0 ? "0 s" : i < 1000 ? text + " ms" : "1 s") << i;
        EXPECT_EQ(format_number(row(Kind::pan), i / 1000.0), i == 0        ? "C"
                                                             : i % 10 == 0 ? "R" + std::to_string(i / 10)
                                                                           : format_number(row(Kind::pan), i / 1000.0))
            << i;
    }
}

TEST(Quantities, off_is_a_gain_only_where_the_table_has_it)
{
    static constexpr std::array<NamedValue, 1> off{{{"off", gain_off}}};
    Parameter level = row(Kind::gain, -40, 40);
    EXPECT_EQ(parse_number(level, "off").error().message, "'off' is out of range (-40 dB … 40 dB)");
    EXPECT_EQ(parse_number(level, "x").error().message, "'x' is not a gain such as -3 dB");
    level.named = off;
    EXPECT_EQ(*parse_number(level, "off"), gain_off);
    EXPECT_EQ(parse_number(level, "x").error().message, "'x' is not a gain such as -3 dB, or off");
    EXPECT_FALSE(parse_number(level, "-41"));
}

TEST(Quantities, a_sign_stands_alone)
{
    for (const char* text : {"+-3", "++3", "--3", "- 3"}) EXPECT_FALSE(parse_number(row(Kind::gain), text)) << text;
    EXPECT_EQ(format_number(row(Kind::number), -0.0), "0");
}

TEST(Quantities, any_number_reads_back_from_its_text)
{
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> exponent(-12.0, 12.0);
    for (int i = 0; i < 20'000; ++i) {
        const double value = std::pow(10.0, exponent(random)) * (i % 2 == 0 ? 1.0 : -1.0);
        for (const Kind kind : {Kind::gain, Kind::time, Kind::frequency, Kind::amount, Kind::number})
            ASSERT_EQ(*parse_number(row(kind), format_number(row(kind), value)), value) << format_number(row(kind), value);
        const double pan = std::sin(value);
        ASSERT_EQ(*parse_number(row(Kind::pan), format_number(row(Kind::pan), pan)), pan) << format_number(row(Kind::pan), pan);
    }
}

TEST(Nearest, agrees_with_the_definition_of_the_distance)
{
    // One edit away, for each kind of edit, at each place of a word; never further than a third of the word.
    const std::string word = "predelay";
    const std::vector<std::string_view> known{"predelay", "dry"};
    for (std::size_t i = 0; i < word.size(); ++i) {
        std::string replaced = word, left_out = word, added = word, swapped = word;
        replaced[i] = '#';
        left_out.erase(i, 1);
        added.insert(i, "#");
        if (i > 0) std::swap(swapped[i], swapped[i - 1]);
        for (const std::string& typo : {replaced, left_out, added, swapped}) EXPECT_EQ(nearest(typo, known), "predelay") << typo;
    }
    EXPECT_EQ(nearest("##e#elay", known), std::nullopt);
    EXPECT_EQ(nearest("x", {"a"}), std::nullopt) << "a word of which no letter is right means nothing";
    EXPECT_EQ(nearest(std::string(1000, 'x'), known), std::nullopt);
    const std::string longest(64, 'x');
    EXPECT_EQ(nearest("y" + longest.substr(1), {longest}), longest);
    EXPECT_EQ(nearest("y" + longest, {longest}), std::nullopt) << "nobody means a longer one";
    EXPECT_EQ(nearest(longest, {longest + "y"}), std::nullopt);
}

TEST(Nearest, finds_what_was_meant_and_nothing_else)
{
    const std::vector<std::string_view> known{"gain", "pan", "mute", "wet"};
    EXPECT_EQ(nearest("gian", known), "gain");
    EXPECT_EQ(nearest("paan", known), "pan");
    EXPECT_EQ(nearest("threshold", known), std::nullopt);
}

}  // namespace
}  // namespace stemwire::preset
