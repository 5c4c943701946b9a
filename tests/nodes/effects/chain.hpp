// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "nodes/effects/effects.hpp"
#include "nodes/effects/parameters.hpp"
#include "tests/support/node_bench.hpp"

namespace stemwire::test {

/// A chain built up by a test.
class Chain {
public:
    Chain() : settings_(nodes::effects_parameters()) { settings_["chain"].given = true; }

    Chain& unit(const std::string& name)
    {
        const auto units = row(nodes::effects_parameters(), "chain").units;
        auto& records = settings_["chain"].records;
        const auto same = std::ranges::count_if(records, [&](const auto& record) { return record.second.unit() == name; });
        const Unit& kind = *std::ranges::find(units, name, &Unit::name);
        records.emplace_back(same == 0 ? name : name + "-" + std::to_string(same + 1), Settings(kind.parameters, kind.name));
        return *this;
    }

    Chain& set(std::string_view parameter, double value)
    {
        give(settings_["chain"].records.back().second, parameter, value);
        return *this;
    }

    Chain& band(const std::string& type, double frequency_hz, double gain_db = 0.0)
    {
        Settings& eq = settings_["chain"].records.back().second;
        Settings band(row(eq.table(), "bands").children);
        band["type"].text = type;
        give(band, "frequency", frequency_hz);
        if (gain_db != 0.0) give(band, "gain", gain_db);
        auto& bands = eq["bands"].records;
        bands.emplace_back(std::to_string(bands.size() + 1), band);
        return *this;
    }

    /// Every unit there is.
    static Chain all()
    {
        Chain chain;
        chain.unit("gate")
            .unit("eq")
            .band("highpass", 40.0)
            .band("peak", 3000.0, 6.0)
            .band("lowshelf", 200.0, -3.0)
            .band("allpass", 1000.0);
        chain.unit("compressor").set("threshold", -30.0).unit("delay").set("time", 0.011).unit("gain").set("gain", 12.0).unit("limiter");
        return chain;
    }

    Settings& settings() { return settings_; }

    std::unique_ptr<nodes::Effects> make(const ChannelLayout& layout = ChannelLayout::stereo())
    {
        settings_["channels"].layout = layout;
        Errors errors;
        const Ports ports = nodes::effects_ports(settings_, NoHints{}, errors);
        nodes::check_effects(settings_, errors);
        EXPECT_TRUE(errors.empty()) << errors.front().message;
        return std::make_unique<nodes::Effects>(settings_, ports);
    }

private:
    Settings settings_;
};

}  // namespace stemwire::test
