// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "host/node_runner.hpp"
#include "tests/guard/node_cases.hpp"
#include "tests/support/realtime_guard.hpp"

namespace stemwire::test {

/// A node in what every host puts around it, run by hand; what it does in a cycle that it must not is counted.
class NodeRig {
public:
    explicit NodeRig(MadeNode made) : made_(std::move(made)), runner_("node", made_.node, made_.ports, transport_)
    {
        const auto prepared = made_.node->prepare(preparation);
        EXPECT_TRUE(prepared) << made_.text;
        // Delays on every other port, so that the lines that align are in it as well.
        runner_.prepare(largest_quantum, delays(channel_count(made_.ports.inputs)), delays(channel_count(made_.ports.outputs)));
        size();
        hear([](std::size_t channel, std::size_t frame) { return noise(frame, channel); });
    }
    ~NodeRig() { made_.node->finish(); }
    NodeRig(const NodeRig&) = delete;
    NodeRig& operator=(const NodeRig&) = delete;

    static constexpr std::uint32_t blocks[] = {1, 63, 64, 1000, largest_quantum};

    /// What its inputs hear from now on: `sample(channel, frame)` of the first largest_quantum frames, again and again.
    template <class Sample>
    void hear(Sample sample)
    {
        for (std::size_t channel = 0; channel < inputs_.size(); ++channel)
            for (std::size_t frame = 0; frame < largest_quantum; ++frame) inputs_[channel][frame] = sample(channel, frame);
    }

    /// Rolls from this timeline frame, from inside of the next cycle on, once the node is ready for it.
    void seek(Frames to)
    {
        const Cue cue{.epoch = ++epoch_, .start = to};
        runner_.node().cue(cue);
        while (!runner_.node().cued(epoch_)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        transport_.schedule({.at_clock = clock_ + 40, .cue = cue, .rolling = true}, clock_);
    }
    void pause() { transport_.schedule({.at_clock = clock_ + 40, .cue = {.epoch = epoch_}, .rolling = false}, clock_); }

    /// One cycle; offences are counted with what calls they were.
    void run(std::uint32_t frames)
    {
        const RealtimeGuard guard;
        runner_.run(clock_, in_, out_, frames);
        if (guard.offences() > 0) calls_ = guard.calls();
        offences_ += guard.offences();
        clock_ += frames;
    }
    void run_all_blocks()
    {
        for (const std::uint32_t frames : blocks) run(frames);
    }

    /// Puts another node in its place, as an edit does.
    void replace(MadeNode by)
    {
        ASSERT_NE(by.node, nullptr) << by.text;
        ASSERT_TRUE(by.node->prepare(preparation));
        before_.push_back(std::exchange(made_, std::move(by)));
        runner_.replace({made_.node, made_.ports, {delays(channel_count(made_.ports.inputs)), delays(channel_count(made_.ports.outputs))}});
        size();
    }

    [[nodiscard]] host::NodeRunner& runner() { return runner_; }
    [[nodiscard]] Node& node() { return runner_.node(); }
    [[nodiscard]] Frames tail() const { return runner_.node().tail(); }
    [[nodiscard]] std::uint32_t latency() const { return runner_.node().latency(); }
    [[nodiscard]] const std::vector<std::vector<float>>& outputs() const { return outputs_; }
    [[nodiscard]] std::size_t offences() const { return offences_; }
    [[nodiscard]] std::string says() const { return made_.text + ": " + calls_; }

private:
    static constexpr Preparation preparation{.rate_hz = bench_rate_hz};

    static std::vector<std::uint32_t> delays(std::size_t ports)
    {
        std::vector<std::uint32_t> frames(ports);
        for (std::size_t port = 1; port < ports; port += 2) frames[port] = 100;
        return frames;
    }
    void size()
    {
        inputs_.resize(runner_.input_slot_count(), std::vector<float>(largest_quantum));
        outputs_.resize(runner_.output_slot_count(), std::vector<float>(largest_quantum));
        in_.clear();
        out_.clear();
        for (const auto& channel : inputs_) in_.push_back(channel.data());
        for (auto& channel : outputs_) out_.push_back(channel.data());
    }

    MadeNode made_;
    std::vector<MadeNode> before_;
    rt::TransportSchedule transport_;
    host::NodeRunner runner_;
    std::vector<std::vector<float>> inputs_;
    std::vector<std::vector<float>> outputs_;
    std::vector<const float*> in_;
    std::vector<float*> out_;
    Frames clock_ = 0;
    Epoch epoch_ = 0;
    std::size_t offences_ = 0;
    std::string calls_;
};

}  // namespace stemwire::test
