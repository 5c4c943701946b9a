// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/text_tree.hpp"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "preset/text_lines.hpp"
#include "tests/preset/random_preset.hpp"

namespace stemwire::preset {
namespace {

/// A scalar. The line breaks that a block ends with belong to no node.
std::string said(const std::string& scalar)
{
    return "'" + scalar.substr(0, scalar.find_last_not_of('\n') + 1) + "'";
}

/// As one line of text, whatever it was read with.
std::string said(const TextNode& node)
{
    std::string text;
    switch (node.what) {
    case TextNode::What::null: return "~";
    case TextNode::What::alias: return "*";
    case TextNode::What::scalar: return said(node.scalar);
    case TextNode::What::list:
        for (const TextNode& item : node.items) text += said(item) + ",";
        return "[" + text + "]";
    case TextNode::What::map:
        for (const TextEntry& entry : node.entries) text += said(entry.key) + ":" + said(entry.value) + ",";
    }
    return "{" + text + "}";
}

std::string said(const YAML::Node& node)
{
    std::string text;
    if (node.IsNull()) return "~";
    if (node.IsScalar()) return said(node.Scalar());
    for (const auto& each : node) text += (node.IsMap() ? said(each.first) + ":" + said(each.second) : said(YAML::Node(each))) + ",";
    return node.IsMap() ? "{" + text + "}" : "[" + text + "]";
}

/// Every node is where its text is: yaml-cpp reads the same from that alone.
class Expectation {
public:
    explicit Expectation(std::string text) : text_(std::move(text)) {}

    void all()
    {
        const auto root = read_text_tree(text_);
        ASSERT_TRUE(root) << text_ << root.error().message;
        node(*root);
        EXPECT_FALSE(testing::Test::HasFailure()) << text_;
    }

private:
    void node(const TextNode& node)
    {
        ASSERT_LE(node.begin, node.end);
        ASSERT_LE(node.end, text_.size());
        const std::string own = text_.substr(node.begin, node.end - node.begin);
        if (node.what == TextNode::What::alias) EXPECT_EQ(own.find_first_of("* \t\r\n,]}", 1), std::string::npos) << own;
        else if (const std::string meant = said(node); meant.find('*') == std::string::npos) {
            // What is no flow goes on in lines as far in as its first one.
            const std::string indent(node.flow ? 0 : node.begin - line_begin(text_, node.begin), ' ');
            EXPECT_EQ(own.empty() ? "~" : said(YAML::Load(indent + own)), meant) << own;
        }
        if (node.what != TextNode::What::null && !own.empty()) {
            EXPECT_EQ(own.find_first_of(" \t\r\n"), own.find_first_of(" \t\r\n") == 0 ? 1 : own.find_first_of(" \t\r\n")) << "begins with a blank";
            EXPECT_EQ(std::string(" \t\r\n").find(own.back()), std::string::npos) << "ends with a blank: '" << own << "'";
        }
        for (const TextNode& item : node.items) this->node(item);
        for (const TextEntry& entry : node.entries) {
            this->node(entry.key);
            this->node(entry.value);
            EXPECT_EQ(entry.value.lacks_colon, text_.substr(entry.key.end, entry.value.end - entry.key.end).find(':') == std::string::npos);
        }
    }

    std::string text_;
};

TEST(TextTree, every_node_is_where_it_stands)
{
    const std::vector<std::string> texts{
        "\na: 1",
        "# head\na: 1 # one\n#last",
        "a:\n  b: 1\n  c:\n    - 1\n    - - 2\n      - 3\n    - d: 4\n      e: 5\n    -   f: 6\n",
        "a:\n- 1\n-  # nothing\n- ~\n- null\n- {}\n- []\n",
        "{ a: 1, b: , c, 'd': ~, \"e\": [ 1 , 2, ] , f: { g: [ ] } }",
        "[ a: 1, { b: 2 }, [ c ], 'it''s, so', \"a \\\" ] b\", null, ~, Null,NULL]",
        "[ 1, # ] no end\n  2 # }\n  ,\n  3 ]\n",
        "a: it's, \"so\" # no\nb: x#y\nc: nullable\nd: ~x\ne: nulls are none\n",
        "a: on\n  several\n\n  lines\nb: 'on\n  several'\nc: \"on \\\n  several\"\n",
        "a: |\n  x\n\n   y # text\nb: >-\n    x\n    y\n\nc: |+\n  x\n\n\nd:\n  - |\n    x\n  - >\n   y\ne: |2\n    x\nf: |\n",
        "a: &a 1\nb: *a\nc: &c { d: *a, e: [*a, *a ] }\nf: &f\n  g: *c\nh: !t 1\ni: !t &i x\nj: &j\no: &o ~\nk: [ &l , &m x, *l]\nn: &n # no\n  - 1\n",
        "a: 1\r\nb:\r\n  - 'x'\r\n  - y # z\r\nc: |\r\n  x\r\n  y\r\n",
        "größe: ♪ # ä\nb: [ ä, 'ö' ]\n",
        "a : 1\nb   :\n  c\t: 2\n'd e': 3\n\"f\": 4\n",
        "? a\n: 1\n",
        "a:",
        "a: ~",
        "a: {b: 1}",
        "- a",
        "a",
    };
    for (const std::string& text : texts) {
        Expectation(text).all();
        ASSERT_FALSE(testing::Test::HasFailure()) << text;
    }
    for (unsigned seed = 0; seed < 50; ++seed) Expectation(RandomPreset(seed).text()).all();
}

}  // namespace
}  // namespace stemwire::preset
