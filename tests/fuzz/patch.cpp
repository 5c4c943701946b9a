// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "input.hpp"
#include "preset/patch.hpp"

using namespace stemwire;

namespace {

constexpr const char* path = "/nowhere/fuzz.yaml";

/// Changes of a preset that a seed says.
class Edits {
public:
    Edits(std::uint32_t seed, const preset::Preset& preset) : random_(seed), preset_(preset) {}

    preset::Changes draw()
    {
        preset::Changes changes;
        for (const preset::NodeModel& node : preset_.nodes) {
            const LiveParameters live(node.settings);
            for (const LiveValue& value : live.all())
                if (random_() % 4 == 0) changes.numbers.push_back({node.name + "." + value.address(), number(value.parameter())});
        }
        for (const preset::PortLink& link : port_links(preset_))
            if (random_() % 4 == 0) (random_() % 2 == 0 ? changes.links_removed : changes.links_added).push_back(link);
        if (random_() % 4 == 0) changes.loop_seconds = std::optional(std::pair(1.0, 2.5));
        if (random_() % 8 == 0) changes.loop_seconds = std::optional<std::pair<double, double>>();
        return changes;
    }

private:
    double number(const Parameter& row)
    {
        const double low = std::max(row.minimum, -60.0);
        const double value = low + (std::min(row.maximum, low + 24.0) - low) * static_cast<double>(random_() % 1001) / 1000.0;
        return row.kind == Kind::integer || row.kind == Kind::flag ? std::round(value) : value;
    }

    std::mt19937 random_;
    const preset::Preset& preset_;
};

}  // namespace

/// Four bytes that say what is changed, and a preset: its text is refused, or edited to one that is a preset again.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::uint32_t seed = 0;
    if (size < sizeof seed) return 0;
    std::memcpy(&seed, data, sizeof seed);
    const auto text = fuzz::text_of({data + sizeof seed, size - sizeof seed});
    const auto loaded = preset::load_text(text, path).preset;
    if (!loaded) return 0;
    const auto same = preset::apply(text, path, {});
    fuzz::require(!same || *same == text, "no change changes nothing");
    const auto edited = preset::apply(text, path, Edits(seed, *loaded).draw());
    fuzz::require(!edited || preset::load_text(*edited, path).preset.has_value(), "what was edited is a preset");
    return 0;
}
