// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/live/recording.hpp"
#include "tests/live/session_programs.hpp"

namespace stemwire {
namespace {

using test::Program;
using test::wait_until;
using Links = std::vector<std::string>;

/// Whole sessions, and hands at their links.
class Patching : public test::SessionPrograms {
protected:
    void SetUp() override { ASSERT_TRUE(pipewire_.runs()) << pipewire_.error(); }

    std::unique_ptr<Program> play(const std::string& name, const std::string& preset)
    {
        folder_.write(name + ".yaml", preset);
        return std::make_unique<Program>(std::vector<std::string>{test::stemwire_program(), "run", "--remote", pipewire_.remote(), name + ".yaml"}, environment(), folder_.path().string());
    }
    [[nodiscard]] nlohmann::json status_of(const std::string& session) const
    {
        auto answer = nlohmann::json::parse(ask({"status", "--session", session, "--json"}).out, nullptr, false);
        return answer.is_object() ? answer : nlohmann::json::object();
    }
    /// The session's links as it says itself: `node:port -> node:port state`, sorted.
    [[nodiscard]] Links told(const std::string& session) const
    {
        Links links;
        for (const auto& link : status_of(session).value("links", nlohmann::json::array()))
            links.push_back(link.value("from", "") + " -> " + link.value("to", "") + " " + link.value("state", ""));
        std::ranges::sort(links);
        return links;
    }
    [[nodiscard]] bool all_made_in(const std::string& session) const
    {
        return all_made(status_of(session));
    }
    /// What there is between singer and desk.
    [[nodiscard]] Links between() const
    {
        Links links = pipewire_.links();
        std::erase_if(links, [](const std::string& link) { return !link.starts_with("singer."); });
        return links;
    }
    // Since 1.2 pw-link waits for the link to carry audio, which one that is taken away never will.
    void draw(const std::string& from, const std::string& to) const { EXPECT_EQ(pipewire_.command("timeout 0.2 pw-link " + from + " " + to), ""); }
    /// What is taken away at once: since 1.2 pw-link calls that an error, now and then.
    void draw_in_vain(const std::string& from, const std::string& to) const { static_cast<void>(pipewire_.command("timeout 0.2 pw-link " + from + " " + to)); }
    void cut(const std::string& from, const std::string& to) const { EXPECT_EQ(pipewire_.command("pw-link -d " + from + " " + to), ""); }
    void choose_sink(const std::string& name) const { static_cast<void>(pipewire_.command("pw-metadata 0 default.audio.sink '{ \"name\": \"" + name + "\" }'")); }

    /// So much sound goes by as anything takes that would still happen.
    void let_time_pass()
    {
        test::Recording recording(pipewire_);
        ASSERT_TRUE(recording.linked() && recording.hears(2 * 48'000));
        static_cast<void>(recording.stop(true));
    }
    static std::size_t count(const std::string& text, const std::string& part)
    {
        std::size_t found = 0;
        for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
        return found;
    }

    /// How often a session said that a link is not as it would have it.
    static std::size_t quarrels(const std::string& text)
    {
        return count(text, "by hand") + count(text, "by others") + count(text, "took away") + count(text, "again and again") + count(text, "refuses the link");
    }

    test::PrivatePipeWire pipewire_;
};

std::string band(const std::string& gain, const std::string& links)
{
    return "stemwire: 1\n"
           "nodes:\n"
           "  tone: { type: generator, level: " + gain + " }\n"
           "  mix: { type: mixer, channels: { tone: {} } }\n"
           "external: { speakers: { sink: default } }\n"
           "links: " + links + "\n";
}

const std::string listed = "[ tone -> mix:tone, mix -> speakers ]";
const Links preset_links{"band.mix:main_FL -> null-sink:playback_FL", "band.mix:main_FR -> null-sink:playback_FR", "band.tone:output_MONO -> band.mix:tone_MONO"};
const Links patched_links{"band.mix:main_FL -> null-sink:playback_FL", "band.tone:output_MONO -> band.mix:tone_MONO", "band.tone:output_MONO -> null-sink:playback_FR"};

TEST_F(Patching, what_a_hand_did_stays_through_edits_until_the_preset_is_to_be_enforced)
{
    const auto program = play("band", band("-20 dB", listed));
    ASSERT_TRUE(wait_until([&] { return all_made_in("band"); })) << program->err();
    EXPECT_EQ(pipewire_.links(), preset_links);
    cut("band.mix:main_FR", "null-sink:playback_FR");
    draw("band.tone:output_MONO", "null-sink:playback_FR");
    const Links by_hand{"band.mix:main_FL -> null-sink:playback_FL made", "band.mix:main_FR -> null-sink:playback_FR cut", "band.tone:output_MONO -> band.mix:tone_MONO made",
                        "band.tone:output_MONO -> null-sink:playback_FR drawn"};
    ASSERT_TRUE(wait_until([&] { return told("band") == by_hand; })) << program->err();
    for (int edit = 1; edit <= 3; ++edit) {
        folder_.write("band.yaml", band("-2" + std::to_string(edit) + " dB", listed));
        ASSERT_TRUE(wait_until([&] { return count(program->err(), "took over") == static_cast<std::size_t>(edit); })) << program->err();
        EXPECT_EQ(told("band"), by_hand);
    }
    let_time_pass();
    EXPECT_EQ(pipewire_.links(), patched_links);

    folder_.write("band.yaml", band("-20 dB", "{ policy: enforce, list: " + listed + " }"));
    ASSERT_TRUE(wait_until([&] { return pipewire_.links() == preset_links && all_made_in("band"); })) << program->err();
}

TEST_F(Patching, what_a_hand_did_is_undone_where_the_preset_is_enforced_until_it_is_not)
{
    const auto program = play("band", band("-20 dB", "{ policy: enforce, list: " + listed + " }"));
    ASSERT_TRUE(wait_until([&] { return all_made_in("band"); })) << program->err();
    for (int round = 0; round < 3; ++round) {
        cut("band.mix:main_FR", "null-sink:playback_FR");
        draw_in_vain("band.tone:output_MONO", "null-sink:playback_FR");
        cut("band.tone:output_MONO", "band.mix:tone_MONO");
        ASSERT_TRUE(wait_until([&] { return pipewire_.links() == preset_links && all_made_in("band"); })) << round << program->err();
    }
    EXPECT_EQ(count(program->err(), "band.tone:output_MONO -> band.mix:tone_MONO was cut by others; making it again"), 1u) << program->err();
    EXPECT_EQ(count(program->err(), "took away the link band.tone:output_MONO -> null-sink:playback_FR"), 1u) << program->err();

    folder_.write("band.yaml", band("-20 dB", "{ policy: keep, list: " + listed + " }"));
    ASSERT_TRUE(wait_until([&] { return count(program->err(), "took over") == 1; })) << program->err();
    cut("band.mix:main_FR", "null-sink:playback_FR");
    draw("band.tone:output_MONO", "null-sink:playback_FR");
    let_time_pass();
    EXPECT_EQ(pipewire_.links(), patched_links);
}

TEST_F(Patching, a_warning_of_a_saved_file_is_called_one)
{
    const auto program = play("band", band("-20 dB", listed));
    ASSERT_TRUE(wait_until([&] { return all_made_in("band"); })) << program->err();
    folder_.write("band.yaml", band("-20 dB", "[ tone -> mix:tone ]"));
    ASSERT_TRUE(wait_until([&] { return count(program->err(), "took over") == 1; })) << program->err();
    EXPECT_EQ(count(program->err(), "warning: no link leads to or from 'speakers'"), 1u) << program->err();
    EXPECT_EQ(count(program->err(), "error:"), 0u) << program->err();
}

TEST_F(Patching, the_default_sink_is_followed_wherever_it_goes)
{
    pipewire_.plug("headphones");
    const auto program = play("band", band("-20 dB", listed));
    ASSERT_TRUE(wait_until([&] { return all_made_in("band"); })) << program->err();
    const auto linked_to = [](const std::string& sink) {
        return Links{"band.mix:main_FL -> " + sink + ":playback_FL", "band.mix:main_FR -> " + sink + ":playback_FR", "band.tone:output_MONO -> band.mix:tone_MONO"};
    };
    for (const std::string sink : {"headphones", "null-sink", "headphones"}) {
        choose_sink(sink);
        ASSERT_TRUE(wait_until([&] { return pipewire_.links() == linked_to(sink) && all_made_in("band"); })) << sink << program->err();
    }
    // Pulled out, what is left takes its place; put in again, it is still the one that was chosen.
    for (int round = 0; round < 2; ++round) {
        pipewire_.unplug("headphones");
        ASSERT_TRUE(wait_until([&] { return pipewire_.links() == linked_to("null-sink") && all_made_in("band"); })) << round << program->err();
        pipewire_.plug("headphones");
        ASSERT_TRUE(wait_until([&] { return pipewire_.links() == linked_to("headphones") && all_made_in("band"); })) << round << program->err();
    }
    EXPECT_EQ(count(program->err(), "by hand"), 0u) << program->err();
}

const std::string singer = "stemwire: 1\n"
                           "nodes: { voice: { type: generator, level: -20 dB } }\n"
                           "external: { desk: { node: desk.mix, ports: \"voice_*\" } }\n"
                           "links: [ voice -> desk ]\n";
const Links voice_links{"singer.voice:output_MONO -> desk.mix:voice_FL", "singer.voice:output_MONO -> desk.mix:voice_FR"};

std::string desk(const std::string& external, const std::string& links)
{
    return "stemwire: 1\n"
           "nodes: { mix: { type: mixer, channels: { voice: {} } } }\n"
           "external: { speakers: { sink: default }" + external + " }\n"
           "links: " + links + "\n";
}
const std::string desk_wants_it = desk(", singer: { node: singer.voice }", "[ singer -> mix:voice, mix -> speakers ]");

TEST_F(Patching, links_that_two_sessions_want_are_there_once_and_are_left_cut_by_both)
{
    const auto here = play("singer", singer);
    const auto there = play("desk", desk_wants_it);
    const auto both = [&] { return all_made_in("singer") && all_made_in("desk"); };
    ASSERT_TRUE(wait_until(both)) << here->err() << there->err();
    const std::size_t said = quarrels(here->err() + there->err());
    let_time_pass();
    EXPECT_EQ(between(), voice_links);
    EXPECT_EQ(quarrels(here->err() + there->err()), said) << here->err() << there->err();

    cut("singer.voice:output_MONO", "desk.mix:voice_FL");
    const auto cut_in = [&](const std::string& session) { return std::ranges::count(told(session), voice_links[0] + " cut") == 1; };
    ASSERT_TRUE(wait_until([&] { return cut_in("singer") && cut_in("desk"); })) << here->err() << there->err();
    let_time_pass();
    EXPECT_EQ(between(), Links{voice_links[1]});
    draw("singer.voice:output_MONO", "desk.mix:voice_FL");
    ASSERT_TRUE(wait_until(both)) << here->err() << there->err();
}

TEST_F(Patching, a_session_that_enforces_its_links_has_its_way_and_the_other_lets_go)
{
    const auto there = play("desk", desk("", "{ policy: enforce, list: [ mix -> speakers ] }"));
    ASSERT_TRUE(wait_until([&] { return all_made_in("desk"); })) << there->err();
    const auto here = play("singer", singer);
    ASSERT_TRUE(wait_until([&] { return told("singer") == Links{voice_links[0] + " cut", voice_links[1] + " cut"}; })) << here->err() << there->err();
    const std::size_t said = quarrels(here->err() + there->err());
    let_time_pass();
    EXPECT_EQ(between(), Links{});
    EXPECT_EQ(quarrels(here->err() + there->err()), said) << here->err() << there->err();

    // Wanted by who enforces, they are made, and made again; nobody takes them away.
    folder_.write("desk.yaml", desk(", singer: { node: singer.voice }", "{ policy: enforce, list: [ singer -> mix:voice, mix -> speakers ] }"));
    ASSERT_TRUE(wait_until([&] { return all_made_in("singer") && all_made_in("desk"); })) << here->err() << there->err();
    cut("singer.voice:output_MONO", "desk.mix:voice_FL");
    ASSERT_TRUE(wait_until([&] { return between() == voice_links && all_made_in("singer") && all_made_in("desk"); })) << here->err() << there->err();
}

}  // namespace
}  // namespace stemwire
