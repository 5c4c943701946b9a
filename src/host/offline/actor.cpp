// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/offline/actor.hpp"

#include <algorithm>

namespace stemwire::host {

OfflineHost::Actor::Actor(std::size_t inputs, std::size_t outputs, std::uint32_t block, Work work, std::uint32_t batch)
    : block_(block), batch_(batch), work_(std::move(work)), sources_(inputs), ring_(outputs, std::vector<float>(depth * block, 0.0f)), sums_(inputs),
      inputs_(inputs, nullptr), outputs_(outputs, nullptr)
{
}

void OfflineHost::Actor::add_source(std::uint32_t port, Source source)
{
    sources_[port].push_back(source);
    if (sources_[port].size() == 2) sums_[port].assign(batch_ * block_, 0.0f);
    needs_.push_back({source.actor, source.late});
    source.actor->listeners_.push_back({this, source.late});
}

bool OfflineHost::Actor::ready() const
{
    const std::uint64_t then = done + batch_;
    const auto there = [then](const Neighbour& need) { return need.actor->done + (need.late ? 1 : 0) >= then; };
    const auto heard = [then](const Neighbour& listener) { return listener.actor->done + depth >= then + (listener.late ? 1 : 0); };
    return !busy && std::ranges::all_of(needs_, there) && std::ranges::all_of(listeners_, heard);
}

Expected<bool> OfflineHost::Actor::run()
{
    for (std::size_t port = 0; port < inputs_.size(); ++port) inputs_[port] = gather(port, done);
    for (std::size_t port = 0; port < outputs_.size(); ++port) outputs_[port] = ring_[port].data() + (done % depth) * block_;
    return work_(done * block_, inputs_, outputs_, batch_ * block_);
}

const float* OfflineHost::Actor::source_block(const Source& source, std::uint64_t block) const
{
    if (source.late && block == 0) return nullptr;
    return source.actor->ring_[source.port].data() + ((source.late ? block - 1 : block) % depth) * block_;
}

const float* OfflineHost::Actor::gather(std::size_t port, std::uint64_t block)
{
    const auto& sources = sources_[port];
    if (sources.empty()) return nullptr;
    if (sources.size() == 1) return source_block(sources.front(), block);
    auto& sum = sums_[port];
    std::ranges::fill(sum, 0.0f);
    for (const Source& source : sources)
        if (const float* samples = source_block(source, block))
            std::transform(sum.begin(), sum.end(), samples, sum.begin(), std::plus<>());
    return sum.data();
}

}  // namespace stemwire::host
