// SPDX-License-Identifier: GPL-3.0-or-later
#include "song_files.hpp"

#include <sstream>

#include "container/yaml_text.hpp"
#include "media/probe.hpp"
#include "media/take_plan.hpp"
#include "session/quick_preset.hpp"
#include "tests/support/program.hpp"

namespace stemwire::container {

namespace {

using test::Planes;

class Song : public test::SongTest {};

const std::string two_tracks = R"("tracks": [{"level": 0.5, "pan": -0.25, "ids": [1], "name": "Drums"}, {"level": 1.5, "pan": 0.5, "ids": [3]}])";

TEST_F(Song, averages_its_tracks_at_their_level_and_balance_in_every_version)
{
    for (const std::string version : {"1", "\"2\"", "2", "\"3\"", "3.0"})
        for (const bool nested : {true, false}) {
            const std::string settings = R"("effects": [], )" + two_tracks;
            pack("{\"encoder_version\": " + version + ", " + (nested ? "\"play_settings\": {" + settings + "}" : settings) + "}");
            const auto preset = preset_of(folder_.file("song.prot"));
            EXPECT_TRUE(preset.warnings.empty());
            Planes expected(2);
            add(expected, 0, 0.5 / 2, 0.5 * 0.75 / 2);
            add(expected, 2, 1.5 * 0.5 / 2, 1.5 / 2);
            expect_same(play(preset.text), expected);
        }
}

TEST_F(Song, of_the_time_before_versions_has_neither_level_nor_effects)
{
    const auto song = pack(R"({"tracks": [{"startingIndex": 0, "length": 2, "level": 0.1}, {"startingIndex": 2, "length": 1}],
                               "effects": [{"GainSettings": {"enabled": true, "gain": 9}}]})");
    const auto preset = preset_of(song, {.seed = 4});
    Planes expected(2);
    add(expected, media::drawn_take(4, 0, 0, 2), 0.5, 0.5);
    add(expected, 2, 0.5, 0.5);
    expect_same(play(preset.text), expected);
}

TEST_F(Song, of_an_unknown_version_is_read_with_a_warning)
{
    const auto preset = preset_of(pack("{\"encoder_version\": 9, " + two_tracks + "}"));
    ASSERT_EQ(preset.warnings.size(), 1u);
    EXPECT_NE(preset.warnings[0].message.find("version 9"), std::string::npos);
}

TEST_F(Song, sounds_the_same_whatever_its_codec)
{
    for (const char* codec : {"-c:a libvorbis", "-c:a flac", "-c:a pcm_s16le", "-c:a libopus", "-c:a aac"}) {
        const auto preset = preset_of(pack("{\"encoder_version\": 2, " + two_tracks + "}", codec));
        Planes expected(2);
        add(expected, 0, 0.5 / 2, 0.5 * 0.75 / 2);
        add(expected, 2, 1.5 * 0.5 / 2, 1.5 / 2);
        expect_same(play(preset.text), expected);
    }
}

TEST_F(Song, sums_the_slots_that_a_track_has_and_draws_them_anew)
{
    const auto song = pack(R"({"encoder_version": 2, "tracks": [{"ids": [1, 2, 3], "selections_count": 2, "shuffle_points": ["0:00.3", "x"]},
                               {"ids": [1], "selections_count": 0}]})");
    const auto preset = preset_of(song, {.seed = 11});
    ASSERT_EQ(preset.warnings.size(), 1u);
    EXPECT_NE(preset.warnings[0].message.find("\"x\""), std::string::npos);
    const Planes heard = play(preset.text);
    const std::size_t point = 14400;
    for (const auto& [row, from, count] : {std::tuple{0u, std::size_t{0}, point}, {1u, point + 480, std::size_t{9000}}}) {
        Planes expected(2);
        for (std::size_t slot = 0; slot < 2; ++slot) add(expected, media::drawn_take(11, row, slot, 3), 1.0, 1.0);
        EXPECT_LT(test::largest_difference(test::part(heard, from, count), test::part(expected, from, count)), 2e-6);
    }
}

TEST_F(Song, counts_its_combinations)
{
    const auto song = read_song(pack(R"({"encoder_version": 2, "tracks": [{"ids": [1, 2], "shuffle_points": ["1", "2.0", "00:01"]}, {"ids": [1, 2, 3], "selections_count": 2}]})"));
    ASSERT_TRUE(song);
    EXPECT_EQ(combinations(*song), 8.0 * 9.0);
}

TEST_F(Song, is_lenient_about_what_is_missing_or_odd)
{
    const auto song = read_song(pack(R"({"encoder_version": "1", "tracks": [{"ids": ["1", 7], "level": null, "pan": "left"}, {"level": 5, "pan": -3, "ids": [2]}, {}, 3]})"));
    ASSERT_TRUE(song);
    ASSERT_EQ(song->tracks.size(), 2u);
    EXPECT_EQ(song->tracks[0].level, 1.0);
    EXPECT_EQ(song->tracks[0].pan, 0.0);
    EXPECT_EQ(song->tracks[1].level, 2.0);
    EXPECT_EQ(song->tracks[1].pan, -1.0);
    EXPECT_EQ(song->warnings.size(), 3u);  // no track 7, and two without takes
}

TEST_F(Song, that_is_no_json_or_plays_nothing_is_an_error)
{
    EXPECT_FALSE(read_song(pack("{")));
    EXPECT_FALSE(read_song(pack("[]")));
    EXPECT_FALSE(read_song(pack("{\"encoder_version\": 2, \"tracks\": [{\"ids\": [9]}]}")));
}

TEST_F(Song, in_a_folder_is_a_project)
{
    folder_.write("shuffle_schedule.json", R"([{"file_paths": ["s0.wav"], "level": 0.5}, {"file_paths": ["s1.wav", "gone.wav"]}])");
    folder_.write("effects_chain.json", R"([{"GainSettings": {"enabled": true, "gain": 0.5}}])");
    pack("{}");
    ASSERT_TRUE(is_song(folder_.path().string()));
    const auto preset = preset_of(folder_.path().string());
    EXPECT_EQ(preset.warnings.size(), 1u);
    Planes expected(2);
    add(expected, 0, 0.125, 0.125);
    add(expected, 1, 0.25, 0.25);
    expect_same(play(preset.text), expected, 5e-5);  // pcm_s16le there, FLAC here: the same 16 bits
}

TEST_F(Song, may_name_what_no_file_can_be_called)
{
    const std::string name(300, 'x');  // longer than the 255 bytes that Linux takes
    folder_.write("shuffle_schedule.json", R"([{"file_paths": ["s0.wav", ")" + name + R"("]}])");
    folder_.write("effects_chain.json", R"([{"ConvolutionReverbSettings": {"enabled": true, "impulse_response": "file:)" + name + R"("}}])");
    const auto song = read_song(folder_.path().string());
    ASSERT_TRUE(song) << to_string(song.error());
    EXPECT_EQ(song->warnings.size(), 1u);
    EXPECT_EQ(song_preset(*song, {}).warnings.size(), 2u);
    EXPECT_EQ(path_from("/nowhere", name + "/y"), (std::filesystem::current_path() / name / "y").string());
}

TEST_F(Song, in_a_folder_without_a_schedule_is_its_files_and_folders)
{
    std::filesystem::create_directories(folder_.path() / "project/Drums");
    pack("{}");
    for (const auto& [from, to] : {std::pair{"s0.wav", "project/bass.wav"}, {"s1.wav", "project/Drums/b.wav"}, {"s2.wav", "project/Drums/a.wav"}, {"hall.wav", "project/hall.wav"}})
        std::filesystem::copy_file(folder_.file(from), folder_.file(to));
    folder_.write("project/notes.txt", "no sound");
    folder_.write("project/effects_chain.json", R"([{"ConvolutionReverbSettings": {"dry_wet": 0, "impulse_response": "file:hall.wav"}}])");
    ASSERT_TRUE(is_song(folder_.file("project")));
    const auto song = read_song(folder_.file("project"));
    ASSERT_TRUE(song) << to_string(song.error());
    EXPECT_TRUE(song->warnings.empty());
    ASSERT_EQ(song->tracks.size(), 2u);
    EXPECT_EQ(song->tracks[0].name, "Drums");
    ASSERT_EQ(song->tracks[0].takes.size(), 2u);
    EXPECT_TRUE(song->tracks[0].takes[0].file.ends_with("Drums/a.wav"));
    EXPECT_EQ(song->tracks[1].name, "bass");
    // Takes by name: a is the mono one.
    const auto preset = preset_of(folder_.file("project"), {.seed = 5});
    Planes expected(2);
    add(expected, media::drawn_take(5, 0, 0, 2) == 0 ? 2 : 1, 0.5, 0.5);
    add(expected, 0, 0.5, 0.5);
    expect_same(play(preset.text), expected, 5e-5);  // the same 16 bits as FLAC
    EXPECT_NE(preset.text.find("impulse: \"project/hall.wav\""), std::string::npos) << preset.text;

    std::filesystem::create_directory(folder_.path() / "empty");
    EXPECT_FALSE(is_song(folder_.file("empty")));
}

TEST_F(Song, calls_a_track_without_a_name_by_the_base_name_of_its_title)
{
    const auto song = pack(R"({"encoder_version": 2, "tracks": [{"ids": [2]}, {"ids": [3], "safe_name": "Voice"}]})");
    const auto info = media::probe(song);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->streams[1].title, "s1.wav");
    EXPECT_EQ(info->attachments, (std::vector<std::string>{"play_settings.json", "hall.wav"}));
    const std::string text = preset_of(song).text;
    EXPECT_NE(text.find("\n  s1:\n    type: track\n"), std::string::npos) << text;
    EXPECT_NE(text.find("\n  voice:\n    type: track\n"), std::string::npos) << text;
}

TEST_F(Song, that_plays_for_ever_loops_as_long_as_the_container_says)
{
    // Vorbis in Matroska decodes to another number of frames than went in.
    const auto song = pack("{\"encoder_version\": 2, " + two_tracks + "}", "-c:a libvorbis");
    const auto said = test::run_program({"ffprobe", "-v", "error", "-select_streams", "a", "-show_entries", "stream_tags=DURATION", "-of", "csv=p=0", song});
    double longest = 0.0;
    std::istringstream lines(said.out);
    for (std::string line; std::getline(lines, line);) longest = std::max(longest, std::stod(line.substr(line.rfind(':') + 1)));
    ASSERT_GT(longest, 0.4);
    const auto preset = preset_of(song, {.loop = true});
    const auto loaded = preset::load_text(preset.text, folder_.file("song.yaml"));
    ASSERT_TRUE(loaded.preset) << preset.text;
    ASSERT_TRUE(loaded.preset->transport.loop_seconds);
    EXPECT_EQ(loaded.preset->transport.loop_seconds->first, 0.0);
    EXPECT_NEAR(loaded.preset->transport.loop_seconds->second, longest, 1e-9);
}

TEST_F(Song, goes_by_what_is_said_inside_or_outside_of_the_nested_settings)
{
    // The version may stand inside; a level may be a text; a length of takes does for ids.
    const auto song = read_song(pack(R"({"play_settings": {"encoder_version": "3", "tracks": [{"startingIndex": 1, "length": 2, "level": "0.5", "selections_count": 70}]}})"));
    ASSERT_TRUE(song);
    ASSERT_EQ(song->tracks.size(), 1u);
    EXPECT_EQ(song->tracks[0].takes.size(), 2u);
    EXPECT_EQ(song->tracks[0].takes[0].stream, "1");
    EXPECT_EQ(song->tracks[0].level, 0.5);
    EXPECT_EQ(song->tracks[0].pick, 64u);
    EXPECT_EQ(song->warnings.size(), 1u);
}

TEST_F(Song, is_known_by_its_attachment_and_not_by_its_name)
{
    const auto song = pack("{\"encoder_version\": 2, " + two_tracks + "}", "-c:a flac", "song.mka");
    EXPECT_TRUE(is_song(song));
    EXPECT_FALSE(is_song(folder_.file("s0.wav")));
    const auto preset = session::quick_preset({song}, {.folder = folder_.path().string()});
    ASSERT_TRUE(preset);
    EXPECT_NE(preset->text.find("drums:"), std::string::npos);
}

TEST(ShufflePoint, is_seconds_minutes_or_hours)
{
    EXPECT_EQ(parse_shuffle_point("12.3456"), 12.346);
    EXPECT_EQ(parse_shuffle_point("1:30.5"), 90.5);
    EXPECT_EQ(parse_shuffle_point("01:00:02"), 3602.0);
    for (const char* text : {"", ":", "1:", "a", "-1", "1:2:3:4", "1.5:3", "1e3"}) EXPECT_FALSE(parse_shuffle_point(text)) << text;
}

}  // namespace

}  // namespace stemwire::container
