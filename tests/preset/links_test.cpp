// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/preset/load.hpp"

namespace stemwire::preset {
namespace {

using Texts = std::vector<std::string>;

const std::string nodes = head + R"(
nodes:
  tone: { type: generator }
  wide: { type: generator, channels: stereo }
  mix: { type: mixer, channels: { a: {}, b: { layout: stereo } } }
  solo: { type: mixer, channels: { only: {} } }
  unit: { type: effects, channels: stereo, chain: [ gain ] }
)";

/// Errors of this list of links, which without their place.
Texts said(const std::string& links)
{
    Texts texts;
    for (const std::string& text : errors_of(nodes + "\nlinks: [ " + links + " ]\n"))
        texts.push_back(text.substr(text.find("error: ") + 7));
    return texts;
}

TEST(Links, name_a_group_a_port_or_the_node_alone)
{
    const Preset preset = good(
        nodes +
        "\nlinks: [ wide -> mix:b, 'wide:output -> unit:input', wide:output_FL -> mix:b_FR, mix:main -> speakers, tone -> solo ]\n");
    EXPECT_EQ(wires_of(preset),
              (Texts{"wide:output_FL -> mix:b_FL", "wide:output_FR -> mix:b_FR", "wide:output_FL -> unit:input_FL",
                     "wide:output_FR -> unit:input_FR", "wide:output_FL -> mix:b_FR", "tone:output_MONO -> solo:only_MONO"}));
}

TEST(Links, a_mixers_name_alone_is_no_input_where_it_has_several)
{
    EXPECT_EQ(said("wide -> mix"), (Texts{"'mix' has several inputs: name one, such as 'mix:a' (inputs: a, b)"}));
}

TEST(Links, a_single_port_counts_as_mono)
{
    const Preset preset = good(nodes + "\nlinks: [ wide:output_FL -> mix:a, microphone:capture_1 -> solo:only ]\n");
    EXPECT_TRUE(preset.nodes[2].ports.inputs[0].layout.is_mono());
    EXPECT_TRUE(preset.nodes[3].ports.inputs[0].layout.is_mono());
}

TEST(Links, a_loop_of_layouts_that_depend_on_each_other_is_stereo)
{
    const Preset preset = good(
        head +
        "nodes: { x: { type: effects, chain: [ gain ] }, y: { type: effects, chain: [ gain ] } }\nlinks: [ x -> y -> x, y -> speakers ]\n");
    EXPECT_EQ(preset.nodes[0].ports.inputs[0].layout, ChannelLayout::stereo());
    EXPECT_EQ(preset.nodes[1].ports.inputs[0].layout, ChannelLayout::stereo());
}

TEST(Links, say_what_there_is_where_a_port_is_not)
{
    EXPECT_EQ(said("tone -> mix:aa"), (Texts{"unknown input 'aa' in 'mix' (did you mean 'a'?)"}));
    EXPECT_EQ(said("mix:drums -> speakers"), (Texts{"unknown output 'drums' in 'mix' (known: main, main_FL, main_FR)"}));
    EXPECT_EQ(said("tone -> mix:main"), (Texts{"'mix:main' is an output: it cannot stand right of '->'"}));
    EXPECT_EQ(said("mix:a_FL -> speakers"), (Texts{"'mix:a_FL' is an input: it cannot stand left of '->'"}));
    EXPECT_EQ(said("wide -> tone"), (Texts{"'tone' has no inputs (it is a generator)"}));
}

TEST(Links, the_middle_of_a_chain_is_wrong_once)
{
    EXPECT_EQ(said("tone -> nobody -> speakers"),
              (Texts{"unknown node 'nobody' in links (known: tone, wide, mix, solo, unit, speakers, microphone)"}));
}

TEST(Links, go_to_sinks_and_come_from_sources)
{
    EXPECT_EQ(said("speakers -> unit"), (Texts{"'speakers' is a sink: audio goes to it, not from it"}));
    EXPECT_EQ(said("tone -> microphone"), (Texts{"'microphone' is a source: audio comes from it, not to it"}));
    EXPECT_EQ(said("microphone -> speakers"), (Texts{"a link between two externals is not ours to make (microphone -> speakers)"}));
}

TEST(Links, a_pattern_may_stand_on_either_side)
{
    const Preset preset = good(
        "stemwire: 1\nexternal: { box: { node: 'alsa_*' } }\nnodes: { unit: { type: effects, chain: [ gain ] } }\nlinks: [ box -> unit -> "
        "box:playback_1 ]\n");
    ASSERT_EQ(preset.graph.outer_links.size(), 2u);
    EXPECT_FALSE(preset.graph.outer_links[0].outward);
    EXPECT_TRUE(preset.graph.outer_links[1].outward);
    EXPECT_EQ(preset.graph.outer_links[1].external_port, "playback_1");
    EXPECT_EQ(preset.externals[0].port_glob, "*");
}

TEST(Links, that_are_not_written_as_links_are_refused)
{
    for (const char* wrong : {"tone", "tone ->", "-> tone", "tone -> -> unit", "'tone -> mix:'", "tone -> mix:a:b", "''"})
        EXPECT_NE(said(wrong).at(0).find(" is no link ("), std::string::npos) << wrong;
    EXPECT_EQ(said("{ tone: mix }").size(), 1u);
}

TEST(Links, the_place_of_an_end_is_known_only_where_the_text_is_plain)
{
    const auto place = [](const std::string& item) {
        return errors_of("stemwire: 1\nnodes: { tone: { type: generator } }\nlinks:\n- " + item + "\n").at(0).substr(0, 15);
    };
    EXPECT_EQ(place("tone -> nobody"), "test.yaml:4:11:");
    EXPECT_EQ(place("'tone -> nobody'"), "test.yaml:4:3: ");
    EXPECT_EQ(place("tone ->\n   nobody"), "test.yaml:4:3: ");
}

TEST(Links, twice_the_same_is_a_warning_and_one_link)
{
    const std::string yaml = nodes +
                             "\nlinks: [ wide -> unit -> speakers, wide -> unit, unit -> speakers, tone -> mix:a, tone -> solo, mix -> "
                             "speakers, solo -> speakers, microphone -> unit ]\n";
    EXPECT_EQ(warnings_of(yaml), (Texts{"11:36: the link wide -> unit is there twice", "11:50: the link unit -> speakers is there twice"}));
    EXPECT_EQ(wires_of(good(yaml)).size(), 4u);
}

TEST(Links, what_no_link_leads_to_is_a_warning)
{
    EXPECT_EQ(warnings_of("stemwire: 1\nnodes: { tone: { type: generator } }\nexternal: { out: { sink: default } }\n"),
              (Texts{"2:10: no link leads to or from 'tone'", "3:13: no link leads to or from 'out'"}));
}

TEST(Links, warnings_come_in_the_order_of_the_file_and_name_it)
{
    const auto warnings = load_text("stemwire: 1\nexternal: { out: { sink: default } }\nnodes: { tone: { type: generator } }\n", "test.yaml").warnings;
    ASSERT_EQ(warnings.size(), 2u);
    EXPECT_EQ(warnings[0].message, "no link leads to or from 'out'");
    EXPECT_EQ(warnings[1].message, "no link leads to or from 'tone'");
    for (const Error& warning : warnings) EXPECT_EQ(warning.file, "test.yaml");
}

TEST(Links, of_nodes_with_errors_of_their_own_are_passed_over)
{
    EXPECT_EQ(
        errors_of(
            head +
            "nodes:\n  gone: { type: track, file: nowhere.wav }\n  odd: { type: nothing }\nlinks: [ gone:left -> odd:x -> speakers ]\n")
            .size(),
        2u);
    EXPECT_EQ(errors_of("stemwire: 1\nnodes: []\nlinks: [ a -> b ]\n").size(), 1u);
    EXPECT_EQ(errors_of("stemwire: 1\nexternal: 3\nnodes: { tone: { type: generator } }\nlinks: [ tone -> speakers ]\n").size(), 1u);
}

}  // namespace
}  // namespace stemwire::preset
