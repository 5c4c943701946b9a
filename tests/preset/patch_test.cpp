// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/patch.hpp"

#include "tests/preset/load.hpp"

namespace stemwire::preset {
namespace {

constexpr std::optional<std::optional<std::pair<double, double>>> no_loop{std::in_place, std::nullopt};

Changes number(const std::string& address, double value)
{
    return {.numbers = {{address, value}}};
}

Changes loop(double from, double to)
{
    return {.loop_seconds = std::pair(from, to)};
}

Changes cut(std::vector<PortLink> links)
{
    return {.links_removed = std::move(links)};
}

Changes link(std::vector<PortLink> links)
{
    return {.links_added = std::move(links)};
}

std::string patched(const std::string& text, const Changes& changes)
{
    auto result = apply(text, "test.yaml", changes);
    return result ? *result : to_string(result.error());
}

struct Case {
    std::string before;   ///< below the head and `nodes:`
    Changes changes;
    std::string after;
};

const std::string top = head + "nodes:\n";

void expect_all(const std::vector<Case>& cases)
{
    for (const Case& each : cases) EXPECT_EQ(patched(top + each.before, each.changes), top + each.after) << each.before;
}

TEST(Patch, writes_a_number_in_the_unit_that_stands_there)
{
    expect_all({
        {"  a: { type: generator, level: -3 dB }  # loud\n", number("a.level", -4.5), "  a: { type: generator, level: -4.5 dB }  # loud\n"},
        {"  a: { type: generator, level: -3dB }\n", number("a.level", -4.5), "  a: { type: generator, level: -4.5dB }\n"},
        {"  a: { type: generator, level: -3dB }\n", number("a.level", gain_off), "  a: { type: generator, level: off }\n"},
        {"  a: { type: generator, level: off }\n", number("a.level", -4.5), "  a: { type: generator, level: -4.5 dB }\n"},
        {"  a: { type: generator, level: -3 }\n", number("a.level", -4.5), "  a: { type: generator, level: -4.5 }\n"},
        {"  a: { type: generator, level: \"-3 dB\" }\n", number("a.level", -6), "  a: { type: generator, level: \"-6 dB\" }\n"},
        {"  a: { type: generator, frequency: 2 kHz }\n", number("a.frequency", 500), "  a: { type: generator, frequency: 0.5 kHz }\n"},
        {"  a: { type: generator, frequency: 100 Hz }\n", number("a.frequency", 5000), "  a: { type: generator, frequency: 5000 Hz }\n"},
        {"  a: { type: generator, mute: false }\n", number("a.mute", 1), "  a: { type: generator, mute: true }\n"},
        {"  a: { type: effects, channels: mono, chain: [ delay: { mix: 50 % } ] }\n", number("a.delay.mix", 0.25),
         "  a: { type: effects, channels: mono, chain: [ delay: { mix: 25 % } ] }\n"},
        {"  a: { type: effects, channels: mono, chain: [ delay: { mix: 0.5 } ] }\n", number("a.delay.mix", 0.25),
         "  a: { type: effects, channels: mono, chain: [ delay: { mix: 0.25 } ] }\n"},
        {"  a: { type: effects, channels: mono, chain: [ compressor: { attack: 20 ms } ] }\n", number("a.compressor.attack", 0.005),
         "  a: { type: effects, channels: mono, chain: [ compressor: { attack: 5 ms } ] }\n"},
        {"  a: { type: effects, channels: mono, chain: [ compressor: { attack: 480 frames } ] }\n", number("a.compressor.attack", 0.005),
         "  a: { type: effects, channels: mono, chain: [ compressor: { attack: 240 frames } ] }\n"},
        {"  a: { type: mixer, channels: { x: { pan: L20 } } }\n", number("a.x.pan", 0.5), "  a: { type: mixer, channels: { x: { pan: R50 } } }\n"},
        {"  a: { type: mixer, channels: { x: { pan: C } } }\n", number("a.x.pan", -0.1), "  a: { type: mixer, channels: { x: { pan: L10 } } }\n"},
        {"  a: { type: mixer, channels: { x: { pan: 0.2 } } }\n", number("a.x.pan", 0.5), "  a: { type: mixer, channels: { x: { pan: 0.5 } } }\n"},
    });
}

TEST(Patch, finds_a_place_for_what_the_preset_leaves_out)
{
    expect_all({
        {"  a:  { type: generator }\n", number("a.level", -3), "  a:  { type: generator, level: -3 dB }\n"},
        {"  a: {type: generator}\n", number("a.level", -3), "  a: {type: generator, level: -3 dB}\n"},
        {"  a: {\n    type: generator,  # tone\n  }\n", number("a.level", -3), "  a: {\n    type: generator, level: -3 dB,  # tone\n  }\n"},
        {"  a:\n    type: generator   # tone\n    # end of a\n  b: { type: generator }\n", number("a.level", -3),
         "  a:\n    type: generator   # tone\n    level: -3 dB\n    # end of a\n  b: { type: generator }\n"},
        {"    a:\n        type: generator", number("a.level", -3), "    a:\n        type: generator\n        level: -3 dB"},
        {"  a: { type: mixer, channels: { x: {} } }\n", number("a.x.gain", -3), "  a: { type: mixer, channels: { x: { gain: -3 dB } } }\n"},
        {"  a: { type: mixer, channels: { x: , y: ~ } }\n", {.numbers = {{"a.x.gain", -3}, {"a.y.gain", -4}}},
         "  a: { type: mixer, channels: { x: { gain: -3 dB } , y: { gain: -4 dB } } }\n"},
        {"  a: { type: mixer, channels: { x } }\n", number("a.x.gain", -3), "  a: { type: mixer, channels: { x: { gain: -3 dB } } }\n"},
        {"  a:\n    type: mixer\n    channels:\n      x:   # nothing\n      y:\n", {.numbers = {{"a.x.gain", -3}, {"a.x.pan", 0.5}}},
         "  a:\n    type: mixer\n    channels:\n      x: { gain: -3 dB, pan: R50 }   # nothing\n      y:\n"},
        {"  a:\n    type: effects\n    channels: mono\n    chain:\n      - eq:\n          bands:\n            - type: peak\n      - gain\n      - gain:  # two\n",
         {.numbers = {{"a.eq.bands.1.gain", 1}, {"a.gain.gain", 2}, {"a.gain-2.gain", 3}}},
         "  a:\n    type: effects\n    channels: mono\n    chain:\n      - eq:\n          bands:\n            - type: peak\n              gain: 1 dB\n"
         "      - gain: { gain: 2 dB }\n      - gain: { gain: 3 dB }  # two\n"},
        {"  a: { type: effects, channels: mono, chain: [ gain, limiter ] }\n", number("a.limiter.ceiling", -2),
         "  a: { type: effects, channels: mono, chain: [ gain, limiter: { ceiling: -2 dB } ] }\n"},
    });
}

TEST(Patch, writes_out_what_a_mixer_does_by_itself_before_it_changes_a_part_of_it)
{
    const std::string mixer = "  a: { type: mixer, buses: { main: stereo, send: stereo }, channels: { x: ";
    expect_all({
        {mixer + "{} } }\n", number("a.x.to.send", -9), mixer + "{ to: { main: 0 dB, send: -9 dB } } } }\n"},
        {mixer + "{ to: { send: -3 dB } } } }\n", number("a.x.to.send", -9), mixer + "{ to: { send: -9 dB } } } }\n"},
        {mixer + "{ to: { send: -3 dB } } } }\n", number("a.x.to.main", -9), mixer + "{ to: { send: -3 dB, main: -9 dB } } } }\n"},
    });
}

TEST(Patch, leaves_an_anchor_alone_where_its_value_is_used_elsewhere)
{
    expect_all({
        {"  a: &a { type: generator, level: -3 dB }\n  b: { <<: *a, mute: true }\n", number("b.level", -5),
         "  a: &a { type: generator, level: -3 dB }\n  b: { <<: *a, mute: true, level: -5 dB }\n"},
        {"  a: &a { type: generator, level: -3 dB }\n  b: *a\n", number("b.level", -5),
         "  a: &a { type: generator, level: -3 dB }\n  b: { <<: *a, level: -5 dB }\n"},
        {"  a: { type: generator, level: &loud -3 dB }\n  b: { type: generator, level: *loud }\n", number("b.level", -5),
         "  a: { type: generator, level: &loud -3 dB }\n  b: { type: generator, level: -5 dB }\n"},
        {"  a: &a { type: generator, level: -3 dB }\n  b: *a\n  c: { <<: *a }\n", number("a.level", -5),
         "  a: &a { type: generator, level: -5 dB }\n  b: { <<: *a, level: -3 dB }\n  c: { <<: *a, level: -3 dB }\n"},
        {"  a: { type: mixer, channels: &c { x: { gain: -1 dB }, y: {} } }\n  b: { type: mixer, channels: *c }\n", number("b.x.gain", -5),
         "  a: { type: mixer, channels: &c { x: { gain: -1 dB }, y: {} } }\n  b: { type: mixer, channels: { <<: *c, x: { gain: -5 dB } } }\n"},
        {"  a: &a { type: effects, channels: mono, chain: [ gain, gain: { gain: 1 dB } ] }\n  b: *a\n", number("b.gain-2.gain", 2),
         "  a: &a { type: effects, channels: mono, chain: [ gain, gain: { gain: 1 dB } ] }\n"
         "  b: { <<: *a, chain: [ gain, { gain: { gain: 2 dB } } ] }\n"},
    });
}

TEST(Patch, sets_moves_and_takes_out_the_loop)
{
    const std::string node = "  a: { type: generator }\n";
    expect_all({
        {node, loop(8, 24), node + "\ntransport: { loop: [8 s, 24 s] }\n"},
        {node + "transport:\n  autostart: false  # wait\n", loop(8, 24), node + "transport:\n  autostart: false  # wait\n  loop: [8 s, 24 s]\n"},
        {node + "transport: { loop: [ 500 ms, 2 min ] }\n", loop(0.25, 90), node + "transport: { loop: [ 250 ms, 1.5 min ] }\n"},
        {node + "transport:\n  loop:\n    - 1  # from\n    - 2  # to\n", loop(1, 3), node + "transport:\n  loop:\n    - 1  # from\n    - 3  # to\n"},
        {node + "transport:\n  loop: [1 s, 2 s]  # the verse\n  autostart: true\n", {.loop_seconds = no_loop},
         node + "transport:\n  autostart: true\n"},
        {node + "transport: { loop: [1 s, 2 s], autostart: true }\n", {.loop_seconds = no_loop}, node + "transport: { autostart: true }\n"},
        {node + "transport: { autostart: true, loop: [1 s, 2 s] }\n", {.loop_seconds = no_loop}, node + "transport: { autostart: true }\n"},
        {node + "transport:\n  loop: [1 s, 2 s]\n", {.loop_seconds = no_loop}, node},
    });
}

const std::string three = R"(  a: { type: generator, channels: stereo }
  b: { type: effects, channels: stereo, chain: [ gain ] }
  c: { type: effects, channels: stereo, chain: [ gain ] }
)";

TEST(Patch, cuts_links_out_of_their_chains)
{
    expect_all({
        {three + "links:\n  - a -> b -> c  # chain\n  - c -> speakers\n", cut({{"b", "c"}}), three + "links:\n  - a -> b  # chain\n  - c -> speakers\n"},
        {three + "links:\n  - a -> b -> c\n  - c -> speakers\n", cut({{"a", "b"}}), three + "links:\n  - b -> c\n  - c -> speakers\n"},
        {three + "links:\n  - a  -> b -> c -> speakers  # all\n", cut({{"b", "c"}}), three + "links:\n  - a  -> b  # all\n  - c -> speakers\n"},
        {three + "links:\n  - a -> b  # gone\n  # stays\n  - c -> speakers\n", cut({{"a", "b"}}), three + "links:\n  # stays\n  - c -> speakers\n"},
        {three + "links:\n  - a -> b\n  - c -> speakers", cut({{"c", "speakers"}}), three + "links:\n  - a -> b"},
        {three + "links:\n  - a -> b\n", cut({{"a", "b"}}), three + "links:\n"},
        {three + "links:\n  - a -> b -> c\n", cut({{"a:output_FL", "b:input_FL"}}), three + "links:\n  - a:output_FR -> b:input_FR\n  - b -> c\n"},
        {three + "links:\n  - c -> speakers\n", cut({{"c:output_FL", "speakers:playback_FL"}}),
         three + "links:\n  - c:output_FR -> speakers:playback_FR\n"},
        {three + "links:\n  - c -> speakers\n", cut({{"c:output_FL", "speakers:playback_FL"}, {"c:output_FR", "speakers:playback_FR"}}),
         three + "links:\n"},
        {three + "links:\n  - a -> b\n  - a -> b -> c\n", cut({{"a", "b"}}), three + "links:\n  - b -> c\n"},
        {three + "links: [ a -> b, b -> c, c -> speakers ]\n", cut({{"b", "c"}}), three + "links: [ a -> b, c -> speakers ]\n"},
        {three + "links: [ a -> b, b -> c, c -> speakers ]\n", cut({{"b", "c"}, {"c", "speakers"}}), three + "links: [ a -> b ]\n"},
        {three + "links: [ a -> b -> c -> speakers ]\n", cut({{"b", "c"}}), three + "links: [ a -> b, c -> speakers ]\n"},
        {three + "links: [ a -> b ]\n", cut({{"a", "b"}}), three + "links: [  ]\n"},
        {three + "links:\n  - \"a -> b -> c\"\n", cut({{"b", "c"}}), three + "links:\n  - \"a -> b\"\n"},
        {three + "links: { policy: enforce, list: [ a -> b, b -> c ] }\n", cut({{"b", "c"}}), three + "links: { policy: enforce, list: [ a -> b ] }\n"},
    });
}

TEST(Patch, adds_links_as_whole_groups_in_the_style_of_the_list)
{
    const std::vector<PortLink> whole{{"b:output_FL", "c:input_FL"}, {"b:output_FR", "c:input_FR"}};
    expect_all({
        {three + "links:\n- a -> b   # first\n", link(whole), three + "links:\n- a -> b   # first\n- b -> c\n"},
        {three + "links:\n  - a -> b", link({whole[0]}), three + "links:\n  - a -> b\n  - b:output_FL -> c:input_FL"},
        {three + "links: [a -> b]\n", link(whole), three + "links: [a -> b, b -> c]\n"},
        {three + "links: []\n", link(whole), three + "links: [ b -> c ]\n"},
        {three + "links:  # none yet\n", link(whole), three + "links:  # none yet\n  - b -> c\n"},
        {three, link(whole), three + "\nlinks:\n  - b -> c\n"},
        {three + "links: { policy: enforce }\n", link(whole), three + "links: { policy: enforce, list: [ b -> c ] }\n"},
        {three + "links:\n  policy: enforce\n  list:\n    - a -> b\n", link(whole), three + "links:\n  policy: enforce\n  list:\n    - a -> b\n    - b -> c\n"},
        {three + "links: [a -> b]\n", link({{"c:output_FL", "speakers:playback_FL"}, {"c:output_FR", "speakers:playback_FR"}}),
         three + "links: [a -> b, c -> speakers]\n"},
        {three + "links: [a -> b]\n", link({{"c:output_FL", "speakers:playback_FL"}}), three + "links: [a -> b, c:output_FL -> speakers:playback_FL]\n"},
        {three + "links: [a -> b]\n", link({{"a", "b"}}), three + "links: [a -> b]\n"},
        {three + "links: [a -> b]\n", {.links_removed = {{"a", "b"}}, .links_added = {{"a", "c"}}}, three + "links: [ a -> c ]\n"},
    });
}

TEST(Patch, names_the_group_of_a_mixer)
{
    const std::string nodes = "  a: { type: generator, channels: stereo }\n  m: { type: mixer, buses: { main: stereo, send: stereo }, channels: { a: { layout: stereo }, b: {} } }\n";
    expect_all({
        {nodes + "links: [ m -> speakers ]\n", link({{"a:output_FL", "m:a_FL"}, {"a:output_FR", "m:a_FR"}}), nodes + "links: [ m -> speakers, a -> m:a ]\n"},
        {nodes + "links: [ m -> speakers ]\n", link({{"m:send", "m:b"}}), nodes + "links: [ m -> speakers, m:send -> m:b ]\n"},
    });
}

TEST(Patch, gives_a_name_to_a_program_that_the_preset_did_not_know)
{
    const std::string bare = "stemwire: 1\n";
    const Changes changes{.externals_added = {{"ardour", "Ardour 7 [\"x\"]"}}, .links_added = {{"a:output_FL", "ardour:in_1"}}};
    const std::string text = bare + "external: { out: { sink: default } }\nnodes: { a: { type: generator, channels: stereo } }\nlinks: [ a -> out ]\n";
    EXPECT_EQ(patched(text, changes), bare + "external: { out: { sink: default }, ardour: { node: \"Ardour 7 \\\\[\\\"x\\\"]\" } }\nnodes: { a: { type: generator, channels: stereo } }\n"
                                      "links: [ a -> out, a:output_FL -> ardour:in_1 ]\n");
    const std::string alone = bare + "nodes: { a: { type: generator } }\n";
    EXPECT_EQ(patched(alone, {.externals_added = {{"b", "b"}}}), alone + "\nexternal: { b: { node: \"b\" } }\n");
}

TEST(Patch, keeps_line_ends_tabs_and_letters_beyond_ascii)
{
    const std::string windows = "# größe\tä\r\nstemwire: 1\r\nnodes:\r\n  töne:\r\n    type: generator\t# ♪\tx\r\nlinks:\r\n  - töne -> out\r\nexternal: { out: { sink: default } }\r\n";
    EXPECT_EQ(patched(windows, {.numbers = {{"töne.level", -3}}, .links_removed = {{"töne", "out"}}}),
              "# größe\tä\r\nstemwire: 1\r\nnodes:\r\n  töne:\r\n    type: generator\t# ♪\tx\r\n    level: -3 dB\r\nlinks:\r\nexternal: { out: { sink: default } }\r\n");
    const std::string marked = "\xef\xbb\xbf" + top + "  a: { type: generator }";
    EXPECT_EQ(patched(marked, number("a.level", -3)), "\xef\xbb\xbf" + top + "  a: { type: generator, level: -3 dB }");
}

TEST(Patch, goes_behind_a_text_that_is_a_block)
{
    expect_all({
        {"  a:\n    type: generator\n    signal: |-\n      white\n\n  b: { type: generator }\n", number("a.level", -3),
         "  a:\n    type: generator\n    signal: |-\n      white\n    level: -3 dB\n\n  b: { type: generator }\n"},
        {"  a:\n    signal: >-\n      white\n    type: generator\n", number("a.level", -3),
         "  a:\n    signal: >-\n      white\n    type: generator\n    level: -3 dB\n"},
        {"  a: { type: generator }\nlinks:\n  - >-\n    a ->\n    speakers\n  # last\n", cut({{"a", "speakers"}}), "  a: { type: generator }\nlinks:\n  # last\n"},
    });
}

TEST(Patch, copies_names_as_they_are)
{
    const std::string names = "AZaz09_-: { gain: -9 dB }, ö: {}, 8: ~ } }\n";
    expect_all({
        {"  a: &a { type: mixer, channels: { x: {}, " + names + "  b: { <<: *a }\n", number("b.x.gain", -5),
         "  a: &a { type: mixer, channels: { x: {}, " + names + "  b: { <<: *a, channels: { x: { gain: -5 dB }, AZaz09_-: { gain: -9 dB }, ö: { }, 8: ~ } }\n"},
    });
}

TEST(Patch, changes_no_link_but_those_that_were_asked_for)
{
    // With one link a channel of a mixer takes its layout, with several it is stereo.
    const std::string nodes = top + "  a: { type: generator }\n  b: { type: generator }\n  m: { type: mixer, channels: { x: {} } }\n";
    EXPECT_EQ(patched(nodes + "links: [ a -> m:x ]\n", link({{"b", "m:x"}})), "test.yaml: error: the links cannot be changed without changing more");
    EXPECT_EQ(patched(nodes + "links: [ a -> m:x, b -> m:x ]\n", cut({{"b", "m:x"}})), "test.yaml: error: the links cannot be changed without changing more");
}

TEST(Patch, says_what_it_cannot_write)
{
    const std::string text = top + three + "links: [ a -> b, c -> speakers ]\n";
    EXPECT_EQ(patched(text, number("a.loud", -3)), "test.yaml: error: there is no 'a.loud' that is a number");
    EXPECT_EQ(patched(text, number("a.level", 99)), "test.yaml:4:50: error: level: '99 dB' is out of range (-120 dB … 24 dB)");
    EXPECT_EQ(patched(text, link({{"a", "x"}})), "error: unknown node 'x' in links (known: a, b, c, speakers, microphone)");
    EXPECT_EQ(patched(text, cut({{"c:output_FL", "speakers"}})),
              "error: what is left of the link c:output_FL -> speakers cannot be written: name the external's ports in the preset");
    EXPECT_EQ(patched("stemwire: 2\n", number("a.level", 0)).substr(0, 12), "test.yaml:1:");
}

}  // namespace
}  // namespace stemwire::preset
