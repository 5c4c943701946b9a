// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "nodes/generator/generator.hpp"
#include "nodes/generator/parameters.hpp"
#include "nodes/mixer/mixer.hpp"
#include "nodes/mixer/parameters.hpp"
#include "tests/nodes/effects/chain.hpp"
#include "tests/support/realtime_guard.hpp"

namespace stemwire::test {
namespace {

constexpr std::uint32_t blocks[] = {1, 63, 64, 1000, largest_quantum};

/// What a node does that it must not, through blocks of every size, of sound and of silence.
std::size_t offences(Node& node, std::size_t inputs, std::size_t outputs)
{
    const std::vector<float> sound = noise_channel(largest_quantum);
    const std::vector<float> silence(largest_quantum, 0.0f);
    Signals result(outputs, silence);
    std::vector<float*> out;
    for (auto& channel : result) out.push_back(channel.data());
    std::vector<const float*> in(inputs);
    const rt::FlushDenormals flush;
    const RealtimeGuard guard;
    for (const std::vector<float>* samples : {&sound, &silence, &sound}) {
        std::ranges::fill(in, samples->data());
        for (const std::uint32_t frames : blocks) {
            TransportCycle cycle{.segment_count = 1};
            cycle.segment[0] = {.frames = frames, .rolling = true, .epoch = 1};
            node.process({in, out, frames, cycle});
        }
    }
    return guard.offences();
}

/// With every parameter at its default, and each of them in turn at both ends of its range.
void expect_no_offence(Node& node, std::size_t inputs, std::size_t outputs)
{
    ASSERT_TRUE(node.prepare({.rate_hz = bench_rate_hz}));
    EXPECT_EQ(offences(node, inputs, outputs), 0u);
    for (LiveValue& value : node.live().all()) {
        const double before = value.get();
        for (const double end : {value.parameter().minimum, value.parameter().maximum}) {
            value.set(end);
            EXPECT_EQ(offences(node, inputs, outputs), 0u) << value.address() << ' ' << end;
        }
        value.set(before);
    }
}

TEST(Realtime, the_guard_sees_what_it_is_there_for)
{
    std::mutex mutex;
    const RealtimeGuard guard;
    delete new std::vector<int>(100);
    EXPECT_GE(guard.offences(), 2u);
    const std::size_t before = guard.offences();
    mutex.lock();
    mutex.unlock();
    EXPECT_GT(guard.offences(), before);
}

TEST(Realtime, effects_process_without_allocation_or_lock)
{
    Chain chain = Chain::all();
    const auto node = chain.make();
    expect_no_offence(*node, 2, 2);
}

TEST(Realtime, a_mixer_processes_without_allocation_or_lock)
{
    Settings settings(nodes::mixer_parameters());
    settings["buses"].given = true;
    settings["buses"].layouts = {{"main", ChannelLayout::stereo()}, {"send", ChannelLayout::mono()}};
    const Settings channel(row(settings.table(), "channels").children);
    settings["channels"].records = {{"a", channel}, {"b", channel}, {"c", channel}};
    Errors errors;
    const Ports ports = nodes::mixer_ports(settings, NoHints{}, errors);
    nodes::Mixer mixer(nodes::complete_mixer_settings(settings), ports);
    expect_no_offence(mixer, 6, 3);
}

TEST(Realtime, a_generator_processes_without_allocation_or_lock)
{
    for (const std::string_view signal : {"sine", "white", "pink", "impulse", "sweep", "silence"}) {
        Settings settings(nodes::generator_parameters());
        settings["signal"].text = signal;
        Errors errors;
        nodes::Generator generator(settings, nodes::generator_ports(settings, NoHints{}, errors));
        expect_no_offence(generator, 0, 1);
    }
}

}  // namespace
}  // namespace stemwire::test
