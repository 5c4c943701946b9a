// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/matroska.hpp"

#include "container/song.hpp"
#include "song_files.hpp"

namespace stemwire::media {

namespace {

class Matroska : public test::SongTest {
protected:
    /// What another muxer might have written: the first track is number 5. The sound is not read here, so its blocks may say otherwise.
    void renumber_first_track(const std::string& file) const
    {
        std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
        std::string head(4096, '\0');
        stream.read(head.data(), static_cast<std::streamsize>(head.size()));
        const auto at = head.find("\xd7\x81\x01");  // TrackNumber, of one byte: 1
        ASSERT_NE(at, std::string::npos);
        stream.clear();
        stream.seekp(static_cast<std::streamoff>(at + 2));
        stream.put(5);
    }
};

TEST_F(Matroska, tells_track_numbers_and_attachments_without_their_quotation_marks)
{
    const auto facts = read_matroska(pack("{}"));
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->audio_tracks, (std::vector<std::uint64_t>{1, 2, 3}));
    ASSERT_EQ(facts->attachments.size(), 2u);
    EXPECT_EQ(facts->attachments[0].name, "play_settings.json");
    EXPECT_EQ(facts->attachments[1].name, "hall.wav");
    EXPECT_EQ(read_attachment(folder_.file("song.prot"), facts->attachments[0]), "{}");
    EXPECT_EQ(find_attachment(*facts, "elsewhere/hall.wav"), &facts->attachments[1]);
    EXPECT_EQ(find_attachment(*facts, "gone.wav"), nullptr);
}

TEST_F(Matroska, numbers_of_tracks_are_those_of_the_file)
{
    const auto file = pack(R"({"encoder_version": 2, "tracks": [{"ids": [5]}, {"ids": [2]}, {"ids": [1]}]})");
    renumber_first_track(file);
    const auto song = container::read_song(file);
    ASSERT_TRUE(song);
    ASSERT_EQ(song->tracks.size(), 2u);
    EXPECT_EQ(song->tracks[0].takes[0].stream, "0");
    EXPECT_EQ(song->tracks[1].takes[0].stream, "1");
    EXPECT_EQ(song->warnings.size(), 2u);  // there is no track 1, and so nothing of the third to play
}

TEST_F(Matroska, attachments_can_be_read_as_files)
{
    const auto file = AttachedFile::open(pack("{}"), "hall.wav");
    ASSERT_TRUE(file);
    EXPECT_EQ(test::largest_difference(test::read_audio(file->path()).channels, impulse_), 0.0);
    EXPECT_FALSE(AttachedFile::open(folder_.file("song.prot"), "gone.wav"));
}

TEST_F(Matroska, other_and_broken_files_have_no_facts)
{
    const auto none = read_matroska(folder_.file("s0.wav"));
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->attachments.empty());
    EXPECT_FALSE(read_matroska(folder_.file("gone.mka")));
    const auto whole = pack("{}");
    for (const std::uintmax_t size : {0u, 3u, 40u, 200u, 700u}) {
        std::filesystem::copy_file(whole, folder_.file("cut.mka"), std::filesystem::copy_options::overwrite_existing);
        std::filesystem::resize_file(folder_.file("cut.mka"), size);
        EXPECT_TRUE(read_matroska(folder_.file("cut.mka")));
    }
}

}  // namespace

}  // namespace stemwire::media
