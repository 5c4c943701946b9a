// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "session/instance.hpp"
#include "session/transport_control.hpp"
#include "tests/support/lambda_node.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/wav.hpp"

namespace stemwire::session {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t quantum = 256;
constexpr std::size_t file_frames = 12 * 48'000;

/// Eight tracks on one file's sound, every other one inverted, in time with one transport: what they say together must be nothing, always.
class Choir : public ::testing::Test {
protected:
    static constexpr std::size_t voices = 8;

    void SetUp() override
    {
        for (const float sign : {1.0f, -1.0f}) {
            test::Audio audio;
            audio.channels.resize(1);
            for (std::size_t frame = 0; frame < file_frames; ++frame) audio.channels[0].push_back(sign * content(frame));
            test::write_audio(folder_.file(sign > 0 ? "up.wav" : "down.wav"), audio);
        }
        std::string yaml = "stemwire: 1\nnodes:\n";
        for (std::size_t voice = 0; voice < voices; ++voice)
            yaml += "  v" + std::to_string(voice) + ": { type: track, file: " + (voice % 2 == 0 ? "up.wav" : "down.wav") + " }\n";
        const auto loaded = preset::load_text(yaml, folder_.file("choir.yaml"));
        ASSERT_TRUE(loaded.preset);
        auto instance = Instance::make(*loaded.preset, decoders_);
        ASSERT_TRUE(instance);
        instance_ = std::move(*instance);
        ASSERT_TRUE(instance_->prepare({.rate_hz = 48000, .quantum = quantum}).empty());
        control_ = std::make_unique<TransportControl>(TransportStage{.schedule = instance_->transport(),
                                                                              .cue = [this](const Cue& cue) { instance_->cue(cue); },
                                                                              .cued = [this](Epoch epoch) { return instance_->cued(epoch); },
                                                                              .clock = [this] { return clock_; },
                                                                              .ahead = [] { return Frames{3 * quantum}; }});
        control_->reset(48'000, 0, std::nullopt);
    }

    static float content(Frames frame) { return frame < file_frames ? 0.5f * test::noise(frame) : 0.0f; }

    /// Time stands still while a track would run dry: what is tested is the order of things and not the machine.
    bool decoded_ahead() const
    {
        return std::ranges::all_of(instance_->runners(), [](host::NodeRunner* runner) { return runner->node().end() || *runner->node().buffered_seconds() > 0.05; });
    }

    void cycle()
    {
        for (int tries = 0; control_->rolling() && !decoded_ahead() && tries < 2000; ++tries) std::this_thread::sleep_for(1ms);
        std::vector<float> sum(quantum, 0.0f);
        std::vector<float> first(quantum);
        for (std::size_t voice = 0; voice < voices; ++voice) {
            std::vector<float> out(quantum);
            const std::vector<float*> outputs{out.data()};
            instance_->runners()[voice]->run(clock_, {}, outputs, quantum);
            for (std::size_t i = 0; i < quantum; ++i) sum[i] += out[i];
            if (voice == 0) first = out;
        }
        ASSERT_EQ(sum, std::vector<float>(quantum, 0.0f)) << "at clock " << clock_;
        check_place(first);
        clock_ += quantum;
        control_->tick();
    }

    /// Away from fades, what is heard is what the file has at the transport's place.
    void check_place(const std::vector<float>& heard)
    {
        const TransportCycle cycle = instance_->transport().cycle(clock_, quantum, memory_);
        const TransportSegment& segment = cycle.segment[0];
        const bool same = cycle.segment_count == 1 && segment.rolling == was_.rolling && segment.epoch == was_.epoch;
        steady_ = same ? steady_ + 1 : 0;
        was_ = segment;
        constexpr int cycles_of_a_fade = 2;
        if (steady_ <= cycles_of_a_fade) return;
        for (std::uint32_t i = 0; i < quantum; ++i)
            ASSERT_EQ(heard[i], segment.rolling ? content(rt::fold_into_loop(control_->current().cue, segment.unrolled + i)) : 0.0f) << "at clock " << clock_ + i;
        cycles_compared_ += segment.rolling ? 1 : 0;
    }

    test::TemporaryFolder folder_;
    media::DecodePool decoders_{2};
    std::unique_ptr<Instance> instance_;
    std::unique_ptr<TransportControl> control_;
    Frames clock_ = 0;
    rt::TransportSchedule::Memory memory_;
    TransportSegment was_{};
    int steady_ = 0;
    int cycles_compared_ = 0;
};

TEST_F(Choir, is_silent_through_a_thousand_seeks_loops_and_pauses)
{
    std::mt19937 generator(7);
    const auto random = [&](int below) { return static_cast<int>(generator() % static_cast<unsigned>(below)); };
    int answered = 0;
    const auto count = [&](const Expected<void>& result) {
        EXPECT_TRUE(result);
        ++answered;
    };
    control_->start(count);
    for (int wish = 0; wish < 1000; ++wish) {
        const double place = random(11'000) / 1000.0;
        switch (random(8)) {
        case 0: control_->pause(count); break;
        case 1: control_->start(count); break;
        case 2: control_->loop(TimeRange{place, place + 0.01 + random(500) / 1000.0}, count); break;
        case 3: control_->loop(std::nullopt, count); break;
        default: control_->seek(place, count); break;
        }
        // Some wishes come while others are being prepared, most when they have been heard for a while.
        const bool wait = random(4) > 0;
        for (int cycles = random(24); cycles > 0 || (wait && control_->busy()); --cycles) {
            cycle();
            if (HasFatalFailure()) return;
            if (control_->busy()) std::this_thread::sleep_for(100us);
        }
    }
    control_->start(count);
    while (control_->busy()) {
        cycle();
        if (HasFatalFailure()) return;
        std::this_thread::sleep_for(100us);
    }
    EXPECT_EQ(answered, 1002);
    EXPECT_GT(cycles_compared_, 1000);
    EXPECT_EQ(instance_->missing_frames(), 0u);
}

}  // namespace
}  // namespace stemwire::session
