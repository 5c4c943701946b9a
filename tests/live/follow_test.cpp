// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "host/jack/libjack.hpp"
#include "tests/live/live_sessions.hpp"

namespace stemwire::session {
namespace {

/// Another program, JACK's, that moves the transport of a PipeWire server.
class OtherProgram {
public:
    explicit OtherProgram(const std::string& remote) : jack_(*host::load_pipewires_libjack())
    {
        jack_status_t status{};
        client_ = jack_->client_open("other", static_cast<jack_options_t>(JackNoStartServer | JackServerName), &status, remote.c_str());
        if (client_ != nullptr) jack_->activate(client_);
    }
    ~OtherProgram()
    {
        if (client_ != nullptr) jack_->client_close(client_);
    }
    [[nodiscard]] bool there() const { return client_ != nullptr; }
    void locate(std::uint32_t frame) const { jack_->transport_locate(client_, frame); }
    void roll(bool rolling) const { rolling ? jack_->transport_start(client_) : jack_->transport_stop(client_); }

private:
    const host::Libjack* jack_;
    jack_client_t* client_;
};

constexpr std::size_t longest_fade = 4'800;
constexpr std::size_t largest_cycle = 1'024;

class FollowTest : public LiveSessions {
protected:
    void SetUp() override
    {
        LiveSessions::SetUp();
        if (!host::load_pipewires_libjack()) GTEST_SKIP() << host::load_pipewires_libjack().error().message;
        stem_.channels.resize(2);
        for (std::size_t i = 0; i < 10 * 48'000; ++i)
            for (auto& channel : stem_.channels) channel.push_back(0.2f * test::noise(i));
        test::write_audio(folder_.file("stem.wav"), stem_);
    }

    /// The stretches of sound that were heard, each as its first frame in the stem and its length; nothing where one is not of the stem.
    [[nodiscard]] std::optional<std::vector<std::pair<std::size_t, std::size_t>>> stretches(const std::vector<float>& heard) const
    {
        const std::vector<float>& stem = stem_.channels[0];
        std::vector<std::pair<std::size_t, std::size_t>> found;
        for (std::size_t at = 0; at < heard.size();) {
            if (heard[at] == 0.0f) {
                ++at;
                continue;
            }
            // Behind the fade in.
            constexpr std::size_t sure = 64;
            if (at + longest_fade + sure > heard.size()) break;
            const auto first = heard.begin() + static_cast<std::ptrdiff_t>(at + longest_fade);
            const auto from = std::search(stem.begin(), stem.end(), first, first + sure);
            if (from == stem.end()) return std::nullopt;
            const auto end = std::mismatch(first, heard.end(), from, stem.end()).first;
            found.emplace_back(static_cast<std::size_t>(from - stem.begin()) - longest_fade, static_cast<std::size_t>(end - first));
            // The fade of a stop is behind it.
            at = static_cast<std::size_t>(std::find(end, heard.end(), 0.0f) - heard.begin());
        }
        return found;
    }

    test::Audio stem_;
    std::string preset_ = "stemwire: 1\n"
                          "nodes: { stem: { type: track, file: stem.wav } }\n"
                          "external: { speakers: { sink: default } }\n"
                          "links: [ stem -> speakers ]\n"
                          "transport: { follow: graph }\n";
};

TEST_F(FollowTest, sounds_from_the_very_frame_at_which_another_program_starts_the_graph_and_goes_on_there)
{
    constexpr std::uint32_t place = 96'000;
    std::optional<test::Audio> heard;
    for (int attempt = 0; attempt < 8 && !heard; ++attempt) {
        test::Recording recording(pipewire_);
        ASSERT_TRUE(recording.linked());
        const OtherProgram other(pipewire_.remote());
        ASSERT_TRUE(other.there());
        int step = 0;
        std::size_t located_at = 0;
        std::size_t stood_at = 0;
        Frames stopped_at = 0;
        std::uint64_t xruns = 0;
        const auto said = run(preset_, [&](SessionControl& session) {
            const SessionStatus status = session.status();
            xruns = status.xruns;
            const bool rolls = status.state == TransportState::playing;
            switch (step) {
            case 0: other.locate(place), located_at = recording.frames(), ++step; break;
            case 1:
                // Nobody says when all is decoded that will be heard first: a second is plenty.
                step += status.frame == place && recording.frames() > located_at + 48'000;
                break;
            case 2: other.roll(true), ++step; break;
            case 3: step += rolls && status.frame > place + 24'000; break;
            case 4: other.roll(false), ++step; break;
            case 5:
                if (rolls) break;
                stopped_at = status.frame;
                stood_at = recording.frames();
                ++step;
                break;
            case 6: step += recording.frames() > stood_at + 24'000; break;
            case 7: other.roll(true), ++step; break;
            case 8: step += rolls && status.frame > stopped_at + 24'000; break;
            case 9: other.roll(false), ++step; break;
            case 10: step += !rolls; break;
            default: return true;
            }
            return false;
        });
        if (xruns == 0) heard = recording.stop();
    }
    ASSERT_TRUE(heard) << "this machine misses cycles in every attempt";
    const auto found = stretches(heard->channels[0]);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2u);
    // The very first sample is faded to nothing.
    EXPECT_EQ(found->front().first, place + 1);
    EXPECT_GE(found->front().second, 24'000u - longest_fade);
    // It goes on where it stopped, or a cycle further on, as the server has it.
    const std::size_t stopped_at = found->front().first + longest_fade + found->front().second;
    EXPECT_GE(found->back().first, stopped_at);
    EXPECT_LE(found->back().first, stopped_at + largest_cycle + 1);
    EXPECT_GE(found->back().second, 24'000u - longest_fade - largest_cycle);
}

TEST_F(FollowTest, asks_the_graphs_transport_for_what_is_asked_of_it)
{
    const OtherProgram other(pipewire_.remote());
    ASSERT_TRUE(other.there());
    int answers = 0;
    int wanted = 0;
    const auto count = [&](const Expected<void>& result) {
        EXPECT_TRUE(result) << result.error().message;
        ++answers;
    };
    std::uint64_t missing = 0;
    const auto said = run(preset_, [&](SessionControl& session) {
        const SessionStatus status = session.status();
        missing = status.missing_frames;
        if (answers < wanted) return false;
        switch (++wanted) {
        case 1: session.start(count); break;
        case 2:
            EXPECT_EQ(status.state, TransportState::playing);
            session.seek(3.0, count);
            break;
        case 3:
            EXPECT_GE(status.seconds, 3.0);
            session.pause(count);
            break;
        case 4: EXPECT_EQ(status.state, TransportState::stopped); return true;
        default: break;
        }
        return false;
    });
    EXPECT_EQ(answers, 3);
    EXPECT_EQ(missing, 0u);
    EXPECT_TRUE(std::ranges::any_of(said, [](const std::string& text) { return text.find("follows the graph's transport") != std::string::npos; }));
}

}  // namespace
}  // namespace stemwire::session
