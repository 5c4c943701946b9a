// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/rewriter.hpp"

#include <gtest/gtest.h>

namespace stemwire::preset {
namespace {

/// As YAML in double quotes.
std::string quoted(const std::string& text)
{
    std::string yaml = "\"";
    for (const char letter : text) yaml += letter == '\n' ? "\\n" : letter == '\t' ? "\\t" : (letter == '"' || letter == '\\' ? "\\" : "") + std::string(1, letter);
    return yaml + "\"";
}

/// Every text of two letters of ASCII, and others that mean something to YAML.
std::vector<std::string> awkward_texts()
{
    std::vector<std::string> texts{"", "~", "null", "Null", "NULL", "---", "--- x", "- x", "-1", "it's, so", "x: y", "x #y", "größe", "http://x/y#z", "<<", "1 %", "% 1", "x\ny", "\"\n\\\t"};
    for (char first = ' '; first <= '~'; ++first)
        for (char second = ' '; second <= '~'; ++second) texts.push_back({first, second});
    return texts;
}

TEST(Rewriter, copies_texts_so_that_they_read_back)
{
    const std::vector<std::string> texts = awkward_texts();
    std::string yaml = "a: &a { map: { number: 1";
    for (std::size_t i = 0; i < texts.size(); ++i) yaml += ", t" + std::to_string(i) + ": " + quoted(texts[i]);
    yaml += " } }\nb: { <<: *a }\n";
    auto rewriter = Rewriter::open(yaml, "test.yaml", 48000.0);
    ASSERT_TRUE(rewriter) << to_string(rewriter.error());
    ASSERT_TRUE(rewriter->set(std::vector<Step>{{"b"}, {"map"}, {"number"}}, {.text = "2"}));
    Errors errors;
    const YamlNode after = read_yaml(rewriter->text(), errors);
    ASSERT_TRUE(errors.empty());
    const YamlNode& copy = after.find("b")->value.find("map")->value;
    ASSERT_EQ(copy.entries.size(), texts.size() + 1);
    EXPECT_EQ(copy.entries[0].value.scalar, "2");
    for (std::size_t i = 0; i < texts.size(); ++i) {
        EXPECT_EQ(copy.entries[i + 1].value.what, YamlNode::What::scalar) << texts[i];
        EXPECT_EQ(copy.entries[i + 1].value.scalar, texts[i]);
    }
}

}  // namespace
}  // namespace stemwire::preset
