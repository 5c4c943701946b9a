// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/node_plot.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "media/decode_pool.hpp"
#include "plot/axis.hpp"
#include "plot/charts.hpp"

namespace stemwire::plot {

namespace {

constexpr double default_rate_hz = 48000.0;
constexpr double longest_response_s = 10.0;
constexpr double longest_impulse_s = 40.0;    // the longest impulse and predelay, and room
constexpr double lowest_level_db = -84.0;
constexpr double highest_level_db = 12.0;

/// `NODE` or `NODE.UNIT`.
std::pair<std::string, std::optional<std::string>> split(const std::string& subject)
{
    const std::size_t dot = subject.find('.');
    if (dot == std::string::npos) return {subject, std::nullopt};
    return {subject.substr(0, dot), subject.substr(dot + 1)};
}

std::string joined(const std::vector<std::string>& parts, std::string_view between)
{
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : std::string(between)) + part;
    return text;
}

/// The name that was probably meant, and all there are: `no node 'matser' (did you mean 'master'? there are mix, master)`.
std::string unknown(const std::string& what, const std::string& name, const std::vector<std::string_view>& known)
{
    std::string text = "there is no " + what + " '" + name + "' (";
    if (const auto near = preset::nearest(name, known)) text += "did you mean '" + std::string(*near) + "'? ";
    return text + "there are: " + joined({known.begin(), known.end()}, ", ") + ")";
}

Value* chain_of(Settings& settings)
{
    const auto found = std::ranges::find_if(settings.values(), [](const Value& value) { return value.parameter->kind == Kind::chain; });
    return found == settings.values().end() ? nullptr : &*found;
}

Value* find_value(Settings& settings, std::string_view name)
{
    const auto found = std::ranges::find_if(settings.values(), [&](const Value& value) { return value.parameter->name == name; });
    return found == settings.values().end() ? nullptr : &*found;
}

using NamedUnit = std::pair<std::string, Settings>;

/// The unit of this name in a node's chain.
Expected<NamedUnit> find_unit(const preset::NodeModel& model, const std::string& unit)
{
    Settings settings = model.settings;
    const Value* chain = chain_of(settings);
    if (chain == nullptr) return failure(model.name + " is a " + std::string(model.type->name) + ", which has no units: plot " + model.name + " itself");
    const auto found = std::ranges::find(chain->records, unit, &NamedUnit::first);
    if (found != chain->records.end()) return *found;
    std::vector<std::string_view> names;
    for (const auto& [name, record] : chain->records) names.push_back(name);
    return failure(unknown("unit", unit, names) + " in " + model.name);
}

/// All times that are set, one after the other: nothing takes longer to follow.
double seconds_in(const Settings& settings)
{
    double seconds = 0.0;
    for (const Value& value : settings.values()) {
        if (value.parameter->kind == Kind::time) seconds += value.number;
        for (const auto& [name, record] : value.records) seconds += seconds_in(record);
    }
    return seconds;
}

/// What the preset says of a record: `threshold -18 dB`, `peak 3.2 kHz 1.5 dB q 1.1` for each of a list, `limiter: ceiling -1 dB` for each of a chain.
std::vector<std::string> facts_of(const Settings& settings, bool in_list = false)
{
    std::vector<std::string> facts;
    for (const Value& value : settings.values()) {
        const Parameter& row = *value.parameter;
        const bool alone = row.kind != Kind::chain || value.records.size() == 1;
        for (const auto& [name, record] : value.records) {
            const auto inner = facts_of(record, row.kind == Kind::record_list);
            if (row.kind == Kind::record_list) facts.push_back(joined(inner, " "));
            else if (alone) facts.insert(facts.end(), inner.begin(), inner.end());
            else facts.push_back(name + (inner.empty() ? "" : ": ") + joined(inner, ", "));
        }
        const bool is_choice = row.kind == Kind::choice;
        if (!value.given || (row.kind > Kind::flag && !is_choice)) continue;
        const bool speaks_for_itself = in_list && (is_choice || row.kind == Kind::frequency || row.kind == Kind::gain);
        facts.push_back((speaks_for_itself ? "" : std::string(row.name) + " ") + (is_choice ? value.text : preset::format_number(row, value.number)));
    }
    return facts;
}

/// One node, on its own, and what is measured of it.
class NodePlot {
public:
    NodePlot(const preset::Preset& preset, const preset::NodeModel& model, std::string name, const std::atomic<bool>& interrupted)
        : model_(model), settings_(model.settings), name_(std::move(name)), rate_hz_(preset.rate_hz.value_or(default_rate_hz)), interrupted_(interrupted), decoders_(0),
          heading_{preset.name + ": " + name_, {}}
    {
    }

    /// Leaves this unit alone in the chain.
    void keep(const NamedUnit& unit) { chain_of(settings_)->records = {unit}; }
    Expected<std::string> draw(Show show, bool is_unit);

private:
    /// The node as its settings are by now; lives until the next call.
    Expected<Subject> subject();
    void rest_dynamics();
    Expected<std::string> draw_curve();
    Expected<std::string> draw_response();
    Expected<std::string> draw_impulse();
    Expected<std::vector<std::vector<float>>> impulse(double longest_s);

    const preset::NodeModel& model_;
    Settings settings_;
    std::string name_;
    double rate_hz_;
    const std::atomic<bool>& interrupted_;
    media::DecodePool decoders_;
    std::unique_ptr<Node> node_;
    Heading heading_;
};

Expected<Subject> NodePlot::subject()
{
    node_.reset();
    auto made = model_.type->make({model_.name, settings_, model_.ports, decoders_});
    if (!made) return tl::unexpected(made.error());
    node_ = std::move(*made);
    return Subject(*node_, model_.ports, rate_hz_, interrupted_);
}

/// A gate listens to what an impulse is not: a level that stays. And what goes past a reverberation is none.
void NodePlot::rest_dynamics()
{
    if (Value* dry = find_value(settings_, "dry"); dry != nullptr && dry->parameter->kind == Kind::gain) dry->number = gain_off;
    Value* chain = chain_of(settings_);
    if (chain == nullptr) return;
    for (auto& [name, unit] : chain->records) {
        if (unit.unit() != "gate") continue;
        unit["range"].number = 0.0;
        heading_.facts.push_back(name + " held open");
    }
}

Expected<std::vector<std::vector<float>>> NodePlot::impulse(double longest_s)
{
    rest_dynamics();
    auto measured = subject();
    if (!measured) return tl::unexpected(measured.error());
    auto response = impulse_response(*measured, longest_s);
    if (!response) return response;
    const auto is_silent = [](const auto& channel) { return std::ranges::all_of(channel, [](float sample) { return sample == 0.0f; }); };
    if (std::ranges::all_of(*response, is_silent)) return failure(name_ + " lets nothing through as it is set");
    return response;
}

Expected<std::string> NodePlot::draw_curve()
{
    std::vector<double> levels_db;
    for (double level = lowest_level_db; level <= highest_level_db; level += 1.0) levels_db.push_back(level);
    auto alone = subject();
    if (!alone) return tl::unexpected(alone.error());
    const auto measured = static_curve(*alone, levels_db, seconds_in(settings_));
    if (!measured) return tl::unexpected(measured.error());
    heading_.title += ", static curve";
    heading_.facts.push_back("sine of 1 kHz");
    return plot::draw_curve(heading_, *measured);
}

Expected<std::string> NodePlot::draw_response()
{
    const auto measured = impulse(longest_response_s);
    if (!measured) return tl::unexpected(measured.error());
    heading_.title += ", frequency response";
    heading_.facts.push_back(plain_number(rate_hz_ / 1000.0) + " kHz");
    if (const std::uint32_t latency = node_->latency(); latency > 0) heading_.facts.push_back("latency of " + std::to_string(latency) + " frames taken off");
    if (node_->tail() > seconds_to_frames(longest_response_s, rate_hz_)) heading_.facts.push_back("of the first " + plain_number(longest_response_s) + " s");
    return plot::draw_response(heading_, Response(measured->front(), node_->latency(), rate_hz_), rate_hz_);
}

Expected<std::string> NodePlot::draw_impulse()
{
    auto measured = impulse(longest_impulse_s);
    if (!measured) return tl::unexpected(measured.error());
    for (auto& channel : *measured) channel.erase(channel.begin(), channel.begin() + node_->latency());
    heading_.title += ", impulse response";
    std::vector<std::string> names;
    for (const PortGroup& group : model_.ports.outputs)
        for (const Position position : group.layout.positions()) names.emplace_back(to_string(position));
    return draw_decay(heading_, *measured, names, rate_hz_);
}

Expected<std::string> NodePlot::draw(Show show, bool is_unit)
{
    heading_.facts = facts_of(settings_);
    if (show == Show::what_fits && is_unit) {
        auto alone = subject();
        if (!alone) return tl::unexpected(alone.error());
        const auto bends = depends_on_level(*alone);
        if (!bends) return tl::unexpected(bends.error());
        show = *bends ? Show::curve : Show::response;
    }
    if (show == Show::what_fits) show = model_.type->name == "reverb" ? Show::impulse : Show::response;
    if (show == Show::curve) return draw_curve();
    return show == Show::impulse ? draw_impulse() : draw_response();
}

}  // namespace

Expected<void> check_subject(const preset::Preset& preset, const std::string& subject)
{
    const auto [node, unit] = split(subject);
    const auto model = std::ranges::find(preset.nodes, node, &preset::NodeModel::name);
    if (model == preset.nodes.end()) {
        std::vector<std::string_view> names;
        for (const preset::NodeModel& other : preset.nodes) names.push_back(other.name);
        return failure(unknown("node", node, names));
    }
    if (model->ports.inputs.empty() || model->ports.outputs.empty())
        return failure(node + " is a " + std::string(model->type->name) + ": only what has inputs and outputs (effects, a reverb) can be measured");
    if (!unit) return {};
    return find_unit(*model, *unit).map([](const NamedUnit&) {});
}

Expected<std::string> plot_node(const preset::Preset& preset, const std::string& subject, Show show, const std::atomic<bool>& interrupted)
{
    if (auto checked = check_subject(preset, subject); !checked) return tl::unexpected(checked.error());
    const auto [node, unit] = split(subject);
    const auto model = std::ranges::find(preset.nodes, node, &preset::NodeModel::name);
    NodePlot plot(preset, *model, subject, interrupted);
    if (unit) plot.keep(*find_unit(*model, *unit));
    return plot.draw(show, unit.has_value());
}

}  // namespace stemwire::plot
