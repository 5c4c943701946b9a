// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <iterator>
#include <thread>

#include "tests/live/live_sessions.hpp"

namespace stemwire::session {
namespace {

/// A microphone that clicks, and a pair of ears that hear, in one and the same cycle, what it says and what the desk makes of it.
class MicrophoneAndEars {
public:
    explicit MicrophoneAndEars(std::string remote) : thread_([this, remote = std::move(remote)] { live(remote); }) {}
    ~MicrophoneAndEars() { over_ = true; }

    static constexpr std::size_t left = 0, right = 1, direct = 2;  ///< ports of the ears
    /// Clicks that came at all.
    [[nodiscard]] std::uint64_t clicks() const { return clicks_.load(std::memory_order_acquire); }
    /// Of those, the ones that this side of the desk had in the same frame, and in no earlier one of the cycle.
    [[nodiscard]] std::uint64_t in_time(std::size_t side) const { return in_time_[side].load(std::memory_order_acquire); }

private:
    static constexpr std::uint64_t period = 4'801;  ///< frames between clicks: at another place of the cycle each time

    static void speak(const Block& block)
    {
        for (std::uint32_t i = 0; i < block.frames; ++i) block.outputs[0][i] = (block.transport.clock + i) % period == 0 ? 0.5f : 0.0f;
    }
    void hear(const Block& block)
    {
        const auto place = [&](std::size_t port) { return std::find_if(block.inputs[port], block.inputs[port] + block.frames, [](float sample) { return std::abs(sample) > 1e-3f; }) - block.inputs[port]; };
        const auto click = place(direct);
        if (click == block.frames) return;
        for (const std::size_t side : {left, right})
            if (place(side) == click) in_time_[side].fetch_add(1, std::memory_order_release);
        clicks_.fetch_add(1, std::memory_order_release);
    }
    void live(const std::string& remote)
    {
        test::Stage stage(remote, "stage");
        const auto microphone = stage.add("microphone", {.inputs = {}, .outputs = {{"output", ChannelLayout::mono()}}}, &MicrophoneAndEars::speak);
        const auto ears = stage.add("ears", {.inputs = {{"input", ChannelLayout::stereo()}, {"direct", ChannelLayout::mono()}}, .outputs = {}}, [this](const Block& block) { hear(block); });
        stage.wire(microphone, 0, ears, direct);
        stage.listen(ears, test::pattern("studio.desk", "main_*"));
        stage.build();
        while (!over_) static_cast<void>(stage.until([this] { return over_.load(); }));
        stage.end();
    }

    std::atomic<std::uint64_t> clicks_{0};
    std::array<std::atomic<std::uint64_t>, 2> in_time_{};
    std::atomic<bool> over_{false};
    std::jthread thread_;
};

void replace(std::string& text, const std::string& old, const std::string& with)
{
    ASSERT_NE(text.find(old), std::string::npos) << old;
    for (auto at = text.find(old); at != std::string::npos; at = text.find(old, at + with.size())) text.replace(at, old.size(), with);
}

class Studio : public LiveSessions {};

TEST_F(Studio, the_microphone_is_at_the_desks_output_in_the_very_frame)
{
    std::ifstream file(std::string(STEMWIRE_SHIPPED_PRESETS) + "/studio.yaml");
    std::string preset{std::istreambuf_iterator<char>(file), {}};
    replace(preset, "demo/stems/", std::string(STEMWIRE_SHIPPED_PRESETS) + "/demo/stems/");
    replace(preset, "{ source: default }", "{ node: stage.microphone, ports: \"output_*\" }");
    preset += "\ntransport: { autostart: false }\n";
    MicrophoneAndEars stage(pipewire_.remote());
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    std::uint64_t clicks = 0;
    std::uint64_t before[2] = {};
    run(preset, [&](SessionControl&) {
        const bool linked = stage.in_time(stage.left) > 0 && stage.in_time(stage.right) > 0;
        if (linked && clicks == 0) {
            clicks = stage.clicks();
            before[0] = stage.in_time(stage.left);
            before[1] = stage.in_time(stage.right);
        }
        return (linked && stage.clicks() >= clicks + 20) || std::chrono::steady_clock::now() > give_up;
    });
    EXPECT_GT(clicks, 0u) << "nothing of the microphone came in the frame in which it was said";
    // A cycle that the machine missed may have cost one.
    EXPECT_GE(stage.in_time(stage.left) - before[0], 18u);
    EXPECT_GE(stage.in_time(stage.right) - before[1], 18u);
}

}  // namespace
}  // namespace stemwire::session
