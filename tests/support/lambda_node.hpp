// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "stemwire/node.hpp"

namespace stemwire::test {

/// A node that does what the test says.
class LambdaNode : public Node {
public:
    using Process = std::function<void(const Block&)>;
    explicit LambdaNode(Process process, std::uint32_t latency = 0, Frames tail = 0)
        : Node(Settings{}), process_(std::move(process)), latency_(latency), tail_(tail)
    {
    }

    Expected<void> prepare(const Preparation&) override { return {}; }
    void process(const Block& block) noexcept override { process_(block); }
    std::uint32_t latency() const noexcept override { return latency_; }
    Frames tail() const noexcept override { return tail_; }
    void want_batches() { wants_batches_ = true; }
    bool wants_batches() const noexcept override { return wants_batches_; }

private:
    bool wants_batches_ = false;
    Process process_;
    std::uint32_t latency_;
    Frames tail_;
};

/// Ports of `inputs` and `outputs` mono groups.
inline Ports mono_ports(std::size_t inputs, std::size_t outputs)
{
    Ports ports;
    for (std::size_t i = 0; i < inputs; ++i) ports.inputs.push_back({"input" + std::to_string(i), ChannelLayout::mono()});
    for (std::size_t i = 0; i < outputs; ++i) ports.outputs.push_back({"output" + std::to_string(i), ChannelLayout::mono()});
    return ports;
}

/// Reproducible noise in −1 … 1, a function of the frame alone (splitmix64, Steele et al. 2014).
inline float noise(std::uint64_t frame, std::uint64_t seed = 0)
{
    std::uint64_t z = (frame + 1) * 0x9e3779b97f4a7c15u + seed * 0xd1342543de82ef95u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return static_cast<float>(static_cast<double>(z >> 11) * 0x1p-52 - 1.0);
}

}  // namespace stemwire::test
