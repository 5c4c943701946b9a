// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/lv2/plugin.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

#include <lv2/atom/atom.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/core/lv2.h>
#include <lv2/log/log.h>
#include <lv2/options/options.h>
#include <lv2/port-props/port-props.h>
#include <lv2/resize-port/resize-port.h>
#include <lv2/state/state.h>
#include <lv2/units/units.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>

#include "stemwire/units.hpp"

namespace stemwire::nodes::lv2 {

namespace {

constexpr double usual_rate_hz = 48000.0;
constexpr double highest_rate_hz = 192000.0;
constexpr std::size_t atom_bytes = 8192;

/// All that a plugin may require of us.
constexpr std::array offered_features{LV2_URID__map,         LV2_URID__unmap,          LV2_OPTIONS__options,
                                      LV2_BUF_SIZE__boundedBlockLength, LV2_WORKER__schedule, LV2_STATE__loadDefaultState,
                                      LV2_STATE__threadSafeRestore, LV2_LOG__log,   LV2_CORE__inPlaceBroken,
                                      LV2_CORE__isLive,      LV2_CORE__hardRTCapable};

struct UnitText {
    const char* uri;
    std::string_view text;
};
constexpr std::array unit_texts{
    UnitText{LV2_UNITS__ms, "ms"},   UnitText{LV2_UNITS__pc, "%"},    UnitText{LV2_UNITS__semitone12TET, "st"},
    UnitText{LV2_UNITS__cent, "ct"}, UnitText{LV2_UNITS__bpm, "bpm"}, UnitText{LV2_UNITS__degree, "deg"},
    UnitText{LV2_UNITS__frame, "frames"}, UnitText{LV2_UNITS__oct, "oct"}, UnitText{LV2_UNITS__khz, "kHz"}, UnitText{LV2_UNITS__min, "min"},
};

/// The number that a person would write for it: 0.7 for the float next to 0.7.
double written(float value)
{
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    double number = value;
    std::from_chars(text.data(), end, number);
    return number;
}

float as_float(const LilvNode* node, float otherwise)
{
    const bool is_number = node != nullptr && (lilv_node_is_float(node) || lilv_node_is_int(node));
    const float value = is_number ? lilv_node_as_float(node) : otherwise;
    return std::isnan(value) ? otherwise : value;
}

}  // namespace

/// Asks lilv about one plugin.
class PluginReader {
public:
    PluginReader(World& world, Plugin& plugin) : world_(world), plugin_(plugin), lilv_(plugin.lilv_) {}

    void read()
    {
        plugin_.uri_ = lilv_node_as_uri(lilv_plugin_get_uri(lilv_));
        const NodePointer name(lilv_plugin_get_name(lilv_));
        plugin_.name_ = name ? lilv_node_as_string(name.get()) : plugin_.uri_;
        const std::string_view kind = lilv_node_as_uri(lilv_plugin_class_get_uri(lilv_plugin_get_class(lilv_)));
        plugin_.rings_ = kind == LV2_CORE__ReverbPlugin || kind == LV2_CORE__DelayPlugin;
        const std::uint32_t ports = lilv_plugin_get_num_ports(lilv_);
        for (std::uint32_t index = 0; index < ports; ++index) read_port(lilv_plugin_get_port_by_index(lilv_, index));
        plugin_.obstacle_ = obstacle();
    }

private:
    void read_port(const LilvPort* port)
    {
        PluginPort& made = plugin_.ports_.emplace_back();
        made.symbol = lilv_node_as_string(lilv_port_get_symbol(lilv_, port));
        made.role = role(port);
        made.bytes = std::max(atom_bytes, minimum_size(port));
        if (made.role == PortRole::parameter) add_row(port, made);
    }

    [[nodiscard]] bool is(const LilvPort* port, const char* kind) { return lilv_port_is_a(lilv_, port, world_.uri(kind).get()); }
    [[nodiscard]] bool has(const LilvPort* port, const char* property) { return lilv_port_has_property(lilv_, port, world_.uri(property).get()); }
    [[nodiscard]] NodePointer get(const LilvPort* port, const char* predicate)
    {
        return NodePointer(lilv_port_get(lilv_, port, world_.uri(predicate).get()));
    }

    [[nodiscard]] PortRole role(const LilvPort* port)
    {
        const bool input = is(port, LV2_CORE__InputPort);
        if (is(port, LV2_CORE__AudioPort)) {
            if (!input) return PortRole::audio_out;
            return has(port, LV2_CORE_PREFIX "isSideChain") ? PortRole::side_chain_in : PortRole::audio_in;
        }
        if (is(port, LV2_CORE__ControlPort)) return input ? control_in(port) : control_out(port);
        if (is(port, LV2_CORE__CVPort)) return input ? PortRole::cv_in : PortRole::cv_out;
        if (is(port, LV2_ATOM__AtomPort)) return input ? PortRole::atom_in : PortRole::atom_out;
        return has(port, LV2_CORE__connectionOptional) ? PortRole::open : PortRole::unknown;
    }

    [[nodiscard]] PortRole control_in(const LilvPort* port)
    {
        return designation(port) == LV2_CORE__freeWheeling ? PortRole::freewheel : PortRole::parameter;
    }

    [[nodiscard]] PortRole control_out(const LilvPort* port)
    {
        return has(port, LV2_CORE__reportsLatency) || designation(port) == LV2_CORE__latency ? PortRole::latency : PortRole::meter;
    }

    [[nodiscard]] std::string designation(const LilvPort* port)
    {
        const auto node = get(port, LV2_CORE__designation);
        return node && lilv_node_is_uri(node.get()) ? lilv_node_as_uri(node.get()) : "";
    }

    [[nodiscard]] std::size_t minimum_size(const LilvPort* port)
    {
        const auto node = get(port, LV2_RESIZE_PORT__minimumSize);
        return node && lilv_node_is_int(node.get()) ? static_cast<std::size_t>(std::max(0, lilv_node_as_int(node.get()))) : 0;
    }

    [[nodiscard]] std::string_view keep(std::string text) { return plugin_.texts_.emplace_back(std::move(text)); }

    void add_row(const LilvPort* port, PluginPort& made)
    {
        LilvNode* default_node = nullptr;
        LilvNode* minimum_node = nullptr;
        LilvNode* maximum_node = nullptr;
        lilv_port_get_range(lilv_, port, &default_node, &minimum_node, &maximum_node);
        const NodePointer fallback(default_node);
        const NodePointer minimum(minimum_node);
        const NodePointer maximum(maximum_node);
        made.minimum = as_float(minimum.get(), -HUGE_VALF);
        made.maximum = as_float(maximum.get(), HUGE_VALF);
        made.times_rate = has(port, LV2_CORE__sampleRate);
        const NodePointer name(lilv_port_get_name(lilv_, port));
        Parameter row{.name = keep(made.symbol), .kind = kind(port), .description = keep(name ? lilv_node_as_string(name.get()) : made.symbol),
                      .live = true};
        row.minimum = written(made.minimum) * (made.times_rate ? highest_rate_hz : 1.0);
        row.maximum = written(made.maximum) * (made.times_rate ? highest_rate_hz : 1.0);
        row.fallback = written(as_float(fallback.get(), 0.0f)) * (made.times_rate ? usual_rate_hz : 1.0);
        if (row.minimum <= row.maximum) row.fallback = std::clamp(row.fallback, row.minimum, row.maximum);
        if (row.kind == Kind::number || row.kind == Kind::integer) row.unit = unit_text(port);
        row.named = named_values(port, row.kind);
        plugin_.rows_.push_back(row);
    }

    [[nodiscard]] std::string unit_uri(const LilvPort* port)
    {
        const auto unit = get(port, LV2_UNITS__unit);
        return unit && lilv_node_is_uri(unit.get()) ? lilv_node_as_uri(unit.get()) : "";
    }

    [[nodiscard]] std::string_view unit_text(const LilvPort* port)
    {
        const auto known = std::ranges::find(unit_texts, unit_uri(port), [](const UnitText& each) { return std::string(each.uri); });
        return known == unit_texts.end() ? std::string_view{} : known->text;
    }

    /// Kinds whose own number is the plugin's.
    [[nodiscard]] Kind kind(const LilvPort* port)
    {
        if (has(port, LV2_CORE__toggled)) return Kind::flag;
        if (has(port, LV2_CORE__integer)) return Kind::integer;
        const std::string unit = unit_uri(port);
        if (unit == LV2_UNITS__db) return Kind::gain;
        if (unit == LV2_UNITS__hz) return Kind::frequency;
        return unit == LV2_UNITS__s ? Kind::time : Kind::number;
    }

    /// The words for values: scale points, and for a switch what the plugin's own number would be.
    [[nodiscard]] std::span<const NamedValue> named_values(const LilvPort* port, Kind kind)
    {
        std::vector<NamedValue>& named = plugin_.named_.emplace_back();
        if (kind == Kind::flag) named = {{"true", 1.0}, {"false", 0.0}, {"on", 1.0}, {"off", 0.0}, {"1", 1.0}, {"0", 0.0}};
        const ScalePointsPointer points(lilv_port_get_scale_points(lilv_, port));
        LILV_FOREACH (scale_points, each, points.get()) {
            const LilvScalePoint* point = lilv_scale_points_get(points.get(), each);
            std::string label = lilv_node_as_string(lilv_scale_point_get_label(point));
            const float value = as_float(lilv_scale_point_get_value(point), NAN);
            if (!std::isnan(value) && !is_number(label)) named.push_back({keep(std::move(label)), written(value)});
        }
        return named;
    }

    /// A label like `+5` or `3 dB` names no value but repeats it, perhaps rounded.
    [[nodiscard]] static bool is_number(std::string_view label)
    {
        return label.empty() || std::string_view("0123456789+-.").find(label.front()) != std::string_view::npos;
    }

    [[nodiscard]] std::string obstacle()
    {
        const NodesPointer required(lilv_plugin_get_required_features(lilv_));
        LILV_FOREACH (nodes, each, required.get()) {
            const std::string uri = lilv_node_as_uri(lilv_nodes_get(required.get(), each));
            if (std::ranges::find(offered_features, uri) == offered_features.end()) return "needs a host with " + uri;
        }
        for (const PluginPort& port : plugin_.ports_)
            if (port.role == PortRole::unknown) return "has the port '" + port.symbol + "' of a kind that is not known here";
        return plugin_.count(PortRole::audio_out) == 0 ? "has no audio output" : "";
    }

    World& world_;
    Plugin& plugin_;
    const LilvPlugin* lilv_;
};

Plugin::Plugin(World& world, const LilvPlugin* lilv) : lilv_(lilv)
{
    PluginReader(world, *this).read();
}

std::size_t Plugin::count(PortRole role) const noexcept
{
    return static_cast<std::size_t>(std::ranges::count(ports_, role, &PluginPort::role));
}

const Plugin* find_plugin(std::string_view uri)
{
    if (uri.find(':') == std::string_view::npos) return nullptr;  // no URI: lilv would warn
    World& world = World::get();
    const std::lock_guard lock(world.mutex);
    static std::map<std::string, std::unique_ptr<const Plugin>, std::less<>> known;
    if (const auto found = known.find(uri); found != known.end()) return found->second.get();
    const std::string text(uri);
    const LilvPlugin* lilv = lilv_plugins_get_by_uri(world.plugins(), world.uri(text.c_str()).get());
    if (lilv == nullptr || !lilv_plugin_verify(lilv)) return nullptr;
    return known.emplace(text, std::make_unique<const Plugin>(world, lilv)).first->second.get();
}

}  // namespace stemwire::nodes::lv2
