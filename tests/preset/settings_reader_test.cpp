// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/settings_reader.hpp"

#include <array>

#include <gtest/gtest.h>

namespace stemwire::preset {
namespace {

constexpr std::array<Parameter, 2> square_rows{{
    {.name = "width", .kind = Kind::integer, .description = "", .minimum = 1.0, .maximum = 9.0, .fallback = 2.0},
    {.name = "name", .kind = Kind::text, .description = "its name", .required = true},
}};

/// A record like the parameters of a plugin: its rows follow from what another row names.
std::span<const Parameter> rows_of(std::string_view shape)
{
    return shape == "square" ? std::span<const Parameter>(square_rows) : std::span<const Parameter>();
}

constexpr std::array<Parameter, 2> rows{{
    {.name = "shape", .kind = Kind::text, .description = ""},
    {.name = "params", .kind = Kind::record, .description = "", .rows_of = &rows_of, .rows_from = "shape"},
}};

struct Read {
    Settings settings;
    std::vector<std::string> errors;  ///< each as `LINE:COLUMN: MESSAGE`
};

Read read(const std::string& yaml)
{
    Report report;
    Errors syntax;
    Read done{SettingsReader(report, "/", 48000.0).read(rows, read_yaml(yaml, syntax), "it"), {}};
    EXPECT_TRUE(syntax.empty());
    for (const Error& error : report.errors()) done.errors.push_back(std::to_string(error.mark.line) + ":" + std::to_string(error.mark.column) + ": " + error.message);
    return done;
}

TEST(SettingsReader, reads_a_record_whose_rows_another_row_names_wherever_that_stands)
{
    for (const char* yaml : {"shape: square\nparams: { width: 3, name: s }", "params: { width: 3, name: s }\nshape: square"}) {
        const Read done = read(yaml);
        EXPECT_TRUE(done.errors.empty());
        const auto& records = done.settings["params"].records;
        ASSERT_EQ(records.size(), 1u);
        EXPECT_EQ(records[0].first, "");
        EXPECT_EQ(records[0].second.number("width"), 3.0);
        EXPECT_EQ(records[0].second.text("name"), "s");
    }
}

TEST(SettingsReader, checks_a_record_by_the_rows_that_it_has)
{
    EXPECT_EQ(read("shape: square\nparams: { width: 10, nmae: s }").errors,
              (std::vector<std::string>{"2:18: width: '10' is out of range (1 … 9)", "2:22: unknown key 'nmae' in it.params (did you mean 'name'?)",
                                        "2:9: it.params lacks 'name' (its name)"}));
    EXPECT_EQ(read("shape: square\nparams: 3").errors, (std::vector<std::string>{"2:9: it.params must be a map of keys and values, not '3'"}));
    // One that is left out has its defaults, and lacks what it needs.
    EXPECT_EQ(read("shape: square").errors.size(), 1u);
    EXPECT_EQ(read("shape: square").settings["params"].records.at(0).second.number("width"), 2.0);
}

TEST(SettingsReader, leaves_a_record_alone_whose_rows_nobody_knows)
{
    const Read done = read("shape: circle\nparams: { radius: 3 }");
    EXPECT_TRUE(done.errors.empty()) << "what says that there is no circle is to blame";
    EXPECT_TRUE(done.settings["params"].records.empty());
}

}  // namespace
}  // namespace stemwire::preset
