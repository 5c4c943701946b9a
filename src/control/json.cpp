// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/json.hpp"

#include "control/parameter_text.hpp"
#include "preset/preset.hpp"

namespace stemwire::control {

namespace {

Json node_json(const session::NodeStatus& node)
{
    Json json{{"name", node.name}, {"type", node.type}, {"state", node.state}, {"load_mean_us", node.load_mean_us}, {"load_worst_us", node.load_worst_us},
              {"cycles", node.cycles}, {"latency_frames", node.latency_frames}};
    if (node.buffer_seconds) json["buffer_seconds"] = *node.buffer_seconds;
    if (node.missing_frames) json["missing_frames"] = *node.missing_frames;
    return json;
}

Json xrun_json(const session::XrunRecord& xrun)
{
    return {{"clock_frame", xrun.clock_frame}, {"timeline_seconds", xrun.timeline_seconds}, {"missed_cycles", xrun.missed_cycles}, {"node", xrun.node},
            {"node_us", xrun.node_us}, {"budget_us", xrun.budget_us}};
}

session::NodeStatus node_from_json(const Json& json)
{
    session::NodeStatus node{json.at("name"), json.at("type"), json.at("state"), json.at("load_mean_us"), json.at("load_worst_us"), json.at("cycles"), json.at("latency_frames"), {}, {}};
    if (json.contains("buffer_seconds")) node.buffer_seconds = json["buffer_seconds"].get<double>();
    if (json.contains("missing_frames")) node.missing_frames = json["missing_frames"].get<std::uint64_t>();
    return node;
}

session::TransportState state_from(std::string_view word)
{
    using session::TransportState;
    return word == to_string(TransportState::playing) ? TransportState::playing : word == to_string(TransportState::starting) ? TransportState::starting : TransportState::stopped;
}

}  // namespace

Json transport_json(const session::SessionStatus& status)
{
    Json json{{"state", to_string(status.state)}, {"seconds", status.seconds}, {"frame", status.frame}};
    json["loop"] = status.loop_seconds ? Json::array({status.loop_seconds->first, status.loop_seconds->second}) : Json(nullptr);
    json["end_seconds"] = status.end_seconds ? Json(*status.end_seconds) : Json(nullptr);
    return json;
}

Json status_json(const session::SessionStatus& status)
{
    Json json{{"session", status.session}, {"preset", status.preset}, {"backend", status.backend}, {"server", status.server}, {"rate", status.rate_hz},
              {"quantum", status.quantum}, {"transport", transport_json(status)}, {"xruns", status.xruns}, {"missing_frames", status.missing_frames}};
    json["latest_xruns"] = Json::array();
    for (const session::XrunRecord& xrun : status.latest_xruns) json["latest_xruns"].push_back(xrun_json(xrun));
    json["nodes"] = Json::array();
    for (const session::NodeStatus& node : status.nodes) json["nodes"].push_back(node_json(node));
    json["links"] = Json::array();
    for (const session::SessionLink& link : status.links) json["links"].push_back({{"from", link.from}, {"to", link.to}, {"state", link.state}});
    return json;
}

session::SessionStatus status_from_json(const Json& json)
{
    const Json& transport = json.at("transport");
    session::SessionStatus status;
    status.session = json.at("session");
    status.preset = json.at("preset");
    status.backend = json.at("backend");
    status.server = json.at("server");
    status.rate_hz = json.at("rate");
    status.quantum = json.at("quantum");
    status.state = state_from(transport.at("state").get<std::string>());
    status.seconds = transport.at("seconds");
    status.frame = transport.at("frame");
    if (const Json& loop = transport.at("loop"); !loop.is_null()) status.loop_seconds = {loop.at(0), loop.at(1)};
    if (const Json& end = transport.at("end_seconds"); !end.is_null()) status.end_seconds = end.get<double>();
    status.xruns = json.at("xruns");
    status.missing_frames = json.at("missing_frames");
    for (const Json& xrun : json.at("latest_xruns"))
        status.latest_xruns.push_back({xrun.at("clock_frame"), xrun.at("timeline_seconds"), xrun.at("missed_cycles"), xrun.at("node"), xrun.at("node_us"), xrun.at("budget_us")});
    for (const Json& node : json.at("nodes")) status.nodes.push_back(node_from_json(node));
    for (const Json& link : json.at("links")) status.links.push_back({link.at("from"), link.at("to"), link.at("state")});
    return status;
}

Json value_json(const session::ParameterValue& value)
{
    const Parameter& row = *value.parameter;
    Json json{{"address", value.address}};
    json["value"] = row.kind == Kind::flag ? Json(value.value != 0.0) : number_or_null(value.value);
    json["text"] = preset::format_number(row, value.value);
    json["unit"] = unit_name(row.kind);
    return json;
}

Json parameter_json(const session::ParameterValue& value)
{
    Json json = value_json(value);
    json["minimum"] = number_or_null(value.parameter->minimum);
    json["maximum"] = number_or_null(value.parameter->maximum);
    json["default"] = default_text(*value.parameter);
    json["description"] = value.parameter->description;
    return json;
}

namespace {

void add_loudness(const session::LoudnessValue& loudness, Json& json)
{
    json["momentary_lufs"] = number_or_null(loudness.momentary_lufs);
    json["short_term_lufs"] = number_or_null(loudness.short_term_lufs);
    json["integrated_lufs"] = number_or_null(loudness.integrated_lufs);
    json["true_peak_dbtp"] = number_or_null(loudness.true_peak_dbtp);
}

}  // namespace

Json meters_json(const std::vector<session::MeterValue>& meters)
{
    Json json = Json::array();
    for (const session::MeterValue& meter : meters) {
        json.push_back({{"node", meter.node}, {"name", meter.name}, {"output", meter.is_output}, {"peak_db", number_or_null(meter.peak_db)},
                        {"rms_db", number_or_null(meter.rms_db)}});
        if (meter.loudness) add_loudness(*meter.loudness, json.back());
    }
    return json;
}

std::vector<session::MeterValue> meters_from_json(const Json& json)
{
    const auto level = [](const Json& level_db) { return level_db.is_null() ? gain_off : level_db.get<double>(); };
    std::vector<session::MeterValue> meters;
    for (const Json& meter : json) {
        meters.push_back({meter.at("node"), meter.at("name"), meter.at("output"), level(meter.at("peak_db")), level(meter.at("rms_db")), {}});
        if (meter.contains("integrated_lufs"))
            meters.back().loudness = {level(meter.at("momentary_lufs")), level(meter.at("short_term_lufs")), level(meter.at("integrated_lufs")), level(meter.at("true_peak_dbtp"))};
    }
    return meters;
}

Json loudness_json(const std::vector<session::MeterValue>& meters)
{
    Json json = Json::array();
    for (const session::MeterValue& meter : meters) {
        if (!meter.loudness) continue;
        json.push_back({{"node", meter.node}, {"name", meter.name}});
        add_loudness(*meter.loudness, json.back());
    }
    return json;
}

}  // namespace stemwire::control
