// SPDX-License-Identifier: GPL-3.0-or-later
#include <vector>

#include "nodes/effects/unit.hpp"
#include "nodes/lv2/channel_bank.hpp"

namespace stemwire::nodes {

namespace {

/// Longer than anything is silent; several of them can be added up.
constexpr Frames never = Frames{1} << 48;

/// An LV2 plugin in a chain. Its side chain, if it has one, hears what the unit hears.
class Lv2Unit final : public EffectUnit {
public:
    Lv2Unit(const Settings& settings, const LiveParameters& live, const std::string& address, std::size_t channels)
        : bank_(settings, live, address + ".", channels), side_chain_(bank_.plugin().count(lv2::PortRole::side_chain_in))
    {
    }

    Expected<void> prepare(const Preparation& preparation, std::size_t channels) override
    {
        inputs_.assign(channels + side_chain_, nullptr);
        return bank_.prepare({preparation.rate_hz, dsp::control_frames, dsp::control_frames, preparation.offline});
    }
    void follow() noexcept override { bank_.follow(); }
    void process(std::span<float* const> channels, std::uint32_t frames, bool) noexcept override
    {
        for (std::size_t input = 0; input < inputs_.size(); ++input) inputs_[input] = channels[input % channels.size()];
        bank_.process(inputs_, channels, frames);
    }
    /// A plugin cannot be told to forget beside the realtime side, but after the memory's time it has.
    void settle() noexcept override {}

    [[nodiscard]] std::uint32_t latency() const noexcept override { return bank_.latency(); }
    [[nodiscard]] Frames tail() const noexcept override { return bank_.tail(); }
    [[nodiscard]] Frames memory() const noexcept override { return bank_.rests() ? 0 : never; }

private:
    lv2::ChannelBank bank_;
    std::size_t side_chain_;
    std::vector<const float*> inputs_;  ///< of the bank
};

}  // namespace

std::unique_ptr<EffectUnit> make_lv2_unit(const Settings& settings, const LiveParameters& live, const std::string& address,
                                          std::size_t channels)
{
    return std::make_unique<Lv2Unit>(settings, live, address, channels);
}

}  // namespace stemwire::nodes
