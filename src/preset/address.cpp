// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/address.hpp"

namespace stemwire::preset {

namespace {

class Collector {
public:
    explicit Collector(std::map<std::string, Place, std::less<>>& places) : places_(places) {}

    void add_node(NodeModel& node)
    {
        steps_ = {{"nodes"}, {node.name}};
        add(node.settings, node.name);
    }

private:
    void add(Settings& record, const std::string& prefix)
    {
        // A parameter goes before a channel or unit of the same name.
        for (const bool hidden : {false, true})
            for (Value& value : record.values())
                if (value.parameter->hidden_in_address == hidden) add(value, hidden ? prefix : prefix + "." + std::string(value.parameter->name));
    }

    void add(Value& value, const std::string& address)
    {
        const Parameter& row = *value.parameter;
        steps_.push_back({.key = std::string(row.name), .values = row.kind == Kind::gain_map ? &value : nullptr});
        if (row.kind <= Kind::flag) places_.try_emplace(address, Place{&row, steps_, &value.number, &value.given});
        for (auto& [name, gain_db] : value.gains) {
            steps_.push_back({name});
            places_.try_emplace(address + "." + name, Place{&row, steps_, &gain_db, &value.given});
            steps_.pop_back();
        }
        for (std::size_t index = 0; index < value.records.size(); ++index) {
            auto& [name, record] = value.records[index];
            const std::size_t depth = steps_.size();
            if (row.kind == Kind::record_map) steps_.push_back({name});
            else if (row.kind != Kind::record) steps_.push_back({.item = index});
            if (row.kind == Kind::chain) steps_.push_back({std::string(record.unit())});
            add(record, name.empty() ? address : address + "." + name);
            steps_.resize(depth);
        }
        steps_.pop_back();
    }

    std::map<std::string, Place, std::less<>>& places_;
    std::vector<Step> steps_;
};

}  // namespace

std::map<std::string, Place, std::less<>> numbers_of(Preset& preset)
{
    std::map<std::string, Place, std::less<>> places;
    Collector collector(places);
    for (NodeModel& node : preset.nodes) collector.add_node(node);
    return places;
}

}  // namespace stemwire::preset
