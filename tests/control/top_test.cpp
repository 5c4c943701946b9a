// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include "control/top/layout.hpp"
#include "tests/control/fake_session.hpp"

namespace stemwire::control::top {
namespace {

using namespace std::chrono_literals;

class Top : public ::testing::Test {
protected:
    void SetUp() override { look(); }
    void look(View::Clock::time_point now = {})
    {
        view_.take_status(status_json(session_.status()));
        view_.take_meters({{"meters", meters_json(session_.meters())}}, now);
        Json list = Json::array();
        for (const auto& value : session_.parameters()) list.push_back(parameter_json(value));
        view_.take_parameters({{"parameters", list}});
    }
    std::string screen(int rows, int columns, bool fancy = false)
    {
        const Canvas canvas = lay_out(view_, rows, columns, fancy);
        std::string text;
        for (int row = 0; row < rows; ++row) text += canvas.text(row) + "\n";
        return text;
    }
    void press(Key key, int times)
    {
        for (; times > 0; --times) EXPECT_FALSE(view_.press(key));
    }

    test::FakeSession session_;
    View view_;
};

TEST_F(Top, shows_everything_at_80_by_24)
{
    const std::string text = screen(24, 80);
    for (const char* part : {"band", "playing", "1:23.5 / 3:20.0", "48000 Hz, quantum 256", "pipewire-0 0.3.65", "xruns 1", "missing frames 0", "last: mix 6000 us", "mix drums", "mix bass", "mix main",
                             "silent", "off", "-6.0 dB", "12.5 us", "6000.0 us", "0.8 s", "256 miss", "q quit"})
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST_F(Top, without_utf8_every_cell_is_ascii)
{
    const Canvas canvas = lay_out(view_, 24, 80, false);
    for (int row = 0; row < 24; ++row)
        for (int column = 0; column < 80; ++column) EXPECT_LT(canvas.at(row, column).glyph, 0x80u);
}

TEST_F(Top, draws_on_every_size_and_keeps_the_chosen_line_on_the_screen)
{
    for (std::size_t chosen = 0; chosen < view_.items(); ++chosen) {
        for (int rows = 1; rows < 30; ++rows)
            for (const int columns : {1, 2, 17, 40, 80, 200}) {
                const Canvas canvas = lay_out(view_, rows, columns, true);
                int marked = 0;
                for (int row = 0; row < rows; ++row) marked += canvas.at(row, 0).chosen ? 1 : 0;
                if (rows >= 12) EXPECT_EQ(marked, 1) << rows << " rows, item " << chosen;
                else EXPECT_LE(marked, 1);
            }
        press(Key::down, 1);
    }
}

TEST_F(Top, a_meter_is_as_long_as_its_level)
{
    // −60 … 0 dB over the width: −12 dB is 48 of 60.
    EXPECT_EQ(meter_columns(-12.0, 60), 48);
    EXPECT_EQ(meter_columns(0.0, 60), 60);
    EXPECT_EQ(meter_columns(6.0, 60), 60);
    EXPECT_EQ(meter_columns(-60.0, 60), 0);
    EXPECT_EQ(meter_columns(gain_off, 60), 0);
    const std::string text = screen(24, 100);
    // 100 columns leave 60 for the bar: rms −12 dB, peak −6 dB (54).
    EXPECT_NE(text.find(std::string(48, '#') + std::string(6, '=') + std::string(6, '.')), std::string::npos) << text;
}

TEST_F(Top, a_peak_is_held_for_a_while)
{
    Json meters{{"meters", meters_json(session_.meters())}};
    const View::Clock::time_point start{};
    view_.take_meters(meters, start);
    meters["meters"][0]["peak_db"] = -40.0;
    view_.take_meters(meters, start + 1s);
    EXPECT_EQ(view_.meters()[0].held_db, -6.0);
    view_.take_meters(meters, start + 2s);
    EXPECT_EQ(view_.meters()[0].held_db, -40.0);
}

TEST_F(Top, a_bus_that_measures_loudness_has_a_line_for_it_where_there_is_room)
{
    session_.loudness = {-17.2, -18.04, gain_off, -1.0};
    look();
    const std::string text = screen(24, 80);
    for (const char* part : {"loudness", "integrated", "-17.2 LUFS", "-18.0 LUFS", "silent", "-1.0 dBTP", "mix main"}) EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    EXPECT_EQ(screen(12, 80).find("LUFS"), std::string::npos);
    session_.loudness.reset();
    look();
    EXPECT_EQ(screen(24, 80).find("loudness"), std::string::npos);
}

TEST_F(Top, keys_ask_for_what_they_say)
{
    auto request = view_.press(Key::mute);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->method, "set");
    EXPECT_EQ(request->parameters, (Json{{"address", "mix.drums.mute"}, {"value", true}}));
    ASSERT_TRUE(session_.set("mix.drums.mute", "true"));
    look();
    EXPECT_EQ(view_.press(Key::mute)->parameters["value"], false);
    EXPECT_EQ(view_.press(Key::louder)->parameters, (Json{{"address", "mix.drums.gain"}, {"value", 1.0}}));
    EXPECT_EQ(view_.press(Key::left)->parameters, (Json{{"by", -5.0}}));
    EXPECT_EQ(view_.press(Key::play)->method, "pause");
    session_.state = session::TransportState::stopped;
    look();
    EXPECT_EQ(view_.press(Key::play)->method, "start");
    press(Key::quit, 1);
    EXPECT_TRUE(view_.has_quit());
}

TEST_F(Top, a_gain_stays_in_its_range_and_begins_again_after_off)
{
    ASSERT_TRUE(session_.set("mix.drums.gain", "23.5 dB"));
    look();
    EXPECT_EQ(view_.press(Key::louder)->parameters["value"], 24.0);
    press(Key::down, 1);
    EXPECT_FALSE(view_.press(Key::softer)) << "off is as soft as it gets";
    EXPECT_EQ(view_.press(Key::louder)->parameters["value"], -60.0);
}

TEST_F(Top, a_track_has_its_gain_by_its_own_name)
{
    press(Key::down, 3);
    EXPECT_EQ(view_.press(Key::softer)->parameters, (Json{{"address", "drums.gain"}, {"value", -4.0}}));
    EXPECT_FALSE(view_.press(Key::solo));
    EXPECT_NE(screen(24, 80).find("there is no drums.solo"), std::string::npos);
}

TEST_F(Top, the_loop_is_switched_at_marks)
{
    EXPECT_FALSE(view_.press(Key::loop));
    EXPECT_NE(screen(24, 80).find("mark where the loop begins"), std::string::npos);
    session_.seconds = 8;
    look();
    press(Key::loop_begin, 1);
    session_.seconds = 24;
    look();
    press(Key::loop_end, 1);
    EXPECT_EQ(view_.press(Key::loop)->parameters, (Json{{"from", 8.0}, {"to", 24.0}}));
    session_.loop_seconds = {8.0, 24.0};
    look();
    EXPECT_EQ(view_.press(Key::loop)->parameters, (Json{{"off", true}}));
    session_.loop_seconds.reset();
    look();
    EXPECT_EQ(view_.press(Key::loop)->parameters, (Json{{"from", 8.0}, {"to", 24.0}})) << "the marks stay";
}

TEST_F(Top, status_survives_the_way_through_json)
{
    const Json json = status_json(session_.status());
    EXPECT_EQ(status_json(status_from_json(json)), json);
}

TEST(TopCanvas, cuts_off_what_does_not_fit_and_reads_utf8)
{
    Canvas canvas(1, 5);
    EXPECT_EQ(canvas.write(0, 0, "äöü€😀x"), 6);
    EXPECT_EQ(canvas.text(0), "äöü€😀");
    EXPECT_EQ(characters("a\xff\x1b\xc3"), U"a???");
    canvas.write_right(0, 4, "12");
    EXPECT_EQ(canvas.text(0), "äöü12");
    canvas.put(-1, 0, U'x');
    canvas.put(0, 5, U'x');
}

}  // namespace
}  // namespace stemwire::control::top
