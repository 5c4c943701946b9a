// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/methods.hpp"

#include <algorithm>
#include <array>

#include "control/position.hpp"

namespace stemwire::control {

namespace {

tl::unexpected<RpcError> wrong(std::string message)
{
    return tl::unexpected(RpcError{rpc_wrong_parameters, std::move(message)});
}

/// A value of JSON as a person would have typed it; numbers stay what they are.
Expected<session::ParameterValue> set_value(session::SessionControl& session, const std::string& address, const Json& value)
{
    if (value.is_number()) return session.set_number(address, value.get<double>());
    if (value.is_boolean()) return session.set(address, value.get<bool>() ? "true" : "false");
    if (value.is_string()) return session.set(address, value.get<std::string>());
    return failure("value: a text, a number, true or false is expected");
}

/// A place on the timeline, as a number of seconds or as text.
Expected<double> position(const Json& value, double rate_hz, Expected<double> (*parse)(std::string_view, double))
{
    if (value.is_string()) return parse(value.get<std::string>(), rate_hz);
    if (!value.is_number()) return failure("a time is expected: a number of seconds, or a text such as '1:23.5' or '83 s'");
    const double seconds = value.get<double>();
    if (!std::isfinite(seconds) || std::abs(seconds) > 1e7) return failure(value.dump() + " is out of range (at most 1e+07 s)");
    return seconds;
}

/// What a change of the transport answers once it has been heard.
session::SessionControl::Done when_heard(Call& call)
{
    return [&session = call.session, answer = call.answer](Expected<void> done) {
        if (done) answer(transport_json(session.status()));
        else answer(tl::unexpected(RpcError{rpc_failed, done.error().message}));
    };
}

void call_status(Call& call)
{
    Json json = status_json(call.session.status());
    json["loudness"] = loudness_json(call.session.meters());
    call.answer(std::move(json));
}

RpcResult text_of(const Json& parameters, const char* name)
{
    const Json& value = parameters.at(name);
    if (!value.is_string()) return wrong(std::string(name) + ": a text is expected");
    return value;
}

void call_get(Call& call)
{
    const RpcResult address = text_of(call.parameters, "address");
    if (!address) return call.answer(address);
    const auto value = call.session.get(address->get<std::string>());
    call.answer(value ? RpcResult(value_json(*value)) : wrong(value.error().message));
}

void call_set(Call& call)
{
    const RpcResult address = text_of(call.parameters, "address");
    if (!address) return call.answer(address);
    const auto value = set_value(call.session, address->get<std::string>(), call.parameters.at("value"));
    call.answer(value ? RpcResult(value_json(*value)) : wrong(value.error().message));
}

void call_list(Call& call)
{
    Json list = Json::array();
    for (const session::ParameterValue& value : call.session.parameters()) list.push_back(parameter_json(value));
    call.answer(Json{{"parameters", std::move(list)}});
}

void call_start(Call& call)
{
    call.session.start(when_heard(call));
}

void call_pause(Call& call)
{
    call.session.pause(when_heard(call));
}

void call_seek(Call& call)
{
    const bool to = call.parameters.contains("to");
    if (to == call.parameters.contains("by")) return call.answer(wrong("either 'to' or 'by' is expected"));
    const session::SessionStatus status = call.session.status();
    const auto seconds = to ? position(call.parameters["to"], status.rate_hz, &parse_position) : position(call.parameters["by"], status.rate_hz, &parse_distance);
    if (!seconds) return call.answer(wrong((to ? "to: " : "by: ") + seconds.error().message));
    if (to && *seconds < 0.0) return call.answer(wrong("to: the timeline begins at 0 s"));
    call.session.seek(to ? *seconds : std::max(0.0, status.seconds + *seconds), when_heard(call));
}

void call_loop(Call& call)
{
    const Json& given = call.parameters;
    if (given.contains("off")) {
        if (given["off"] != true || given.size() != 1) return call.answer(wrong("'off' is true and stands alone"));
        return call.session.loop(std::nullopt, when_heard(call));
    }
    if (!given.contains("from") || !given.contains("to")) return call.answer(wrong("'from' and 'to', or 'off', are expected"));
    const double rate_hz = call.session.status().rate_hz;
    const auto from = position(given["from"], rate_hz, &parse_position);
    const auto to = position(given["to"], rate_hz, &parse_position);
    if (!from) return call.answer(wrong("from: " + from.error().message));
    if (!to) return call.answer(wrong("to: " + to.error().message));
    if (*from < 0.0 || *from >= *to) return call.answer(wrong("a loop begins at 0 s or later, and ends after its beginning"));
    call.session.loop(std::pair(*from, *to), when_heard(call));
}

void call_meters(Call& call)
{
    call.answer(Json{{"meters", meters_json(call.session.meters())}});
}

void call_follow(Call& call)
{
    const Json& rate = call.parameters.at("rate");
    if (!rate.is_number() || rate.get<double>() < 0.0 || rate.get<double>() > most_meters_per_second)
        return call.answer(wrong("rate: a number from 0 to 30 is expected"));
    call.follow(rate.get<double>());
    call.answer(Json{{"rate", rate}});
}

void call_save(Call& call)
{
    const auto saved = call.session.save();
    if (!saved) return call.answer(tl::unexpected(RpcError{rpc_failed, saved.error().message}));
    call.answer(Json{{"changes", *saved}});
}

void call_stop(Call& call)
{
    call.answer(Json{{"stopping", true}});
    call.session.stop();
}

void call_help(Call& call)
{
    Json all = Json::array();
    for (const Method& method : methods()) {
        Json json{{"name", method.name}, {"description", method.description}, {"result", method.result}, {"parameters", Json::array()}};
        for (const MethodParameter& parameter : method.parameters)
            json["parameters"].push_back({{"name", parameter.name}, {"description", parameter.description}, {"required", parameter.required}});
        all.push_back(std::move(json));
    }
    call.answer(Json{{"methods", std::move(all)}});
}

constexpr std::array get_parameters{MethodParameter{"address", "NODE.PARAM, as `list` says them", true}};
constexpr std::array set_parameters{
    get_parameters[0],
    MethodParameter{"value", "as in a preset (`\"-3 dB\"`, `\"50 %\"`, `true`), or a number in the parameter's own unit", true},
};
constexpr std::array seek_parameters{
    MethodParameter{"to", "where to: seconds, or a text such as `\"1:23.5\"`, `\"83 s\"`, `\"480 frames\"`"},
    MethodParameter{"by", "how far from here: seconds, or a text such as `\"+5 s\"`, `\"-5 s\"`; not before 0 s"},
};
constexpr std::array loop_parameters{
    MethodParameter{"from", "where the loop begins; a time as in `seek`"},
    MethodParameter{"to", "where it goes back to its beginning"},
    MethodParameter{"off", "`true`, alone: the loop ends"},
};
constexpr std::array follow_parameters{MethodParameter{"rate", "notifications a second, 0 … 30; 0 ends them", true}};

constexpr std::string_view heard = "`state`, `seconds`, `frame`, `loop`, `end_seconds`, once the change has been heard";

constexpr std::array<Method, 13> all_methods{{
    {"status", "how the session is", "`session`, `preset`, `backend`, `server`, `rate`, `quantum`, `transport`, `xruns`, `missing_frames`, `latest_xruns`, `nodes`, `links`, `loudness` (of buses with `meters: lufs`)", {}, &call_status},
    {"get", "the value of a live parameter", "`address`, `value` (null: −∞), `text` with the unit, `unit`", get_parameters, &call_get},
    {"set", "changes a live parameter; it ramps there", "the value as `get` answers it", set_parameters, &call_set},
    {"list", "every live parameter", "`parameters`: as `get`, with `minimum`, `maximum`, `default`, `description`", {}, &call_list},
    {"start", "lets the transport roll", heard, {}, &call_start},
    {"pause", "stops the transport where it is", heard, {}, &call_pause},
    {"seek", "goes to another place on the timeline", heard, seek_parameters, &call_seek},
    {"loop", "plays from one place to another, again and again", heard, loop_parameters, &call_loop},
    {"meters", "the levels of every channel and bus at this moment", "`meters`: each `node`, `name`, `output`, `peak_db`, `rms_db` (null: silence); of a bus with `meters: lufs` also `momentary_lufs`, `short_term_lufs`, `integrated_lufs`, `true_peak_dbtp`", {}, &call_meters},
    {"meters.follow", "sends the levels again and again, as notifications `meters`", "`rate`", follow_parameters, &call_follow},
    {"save", "writes changed parameters and links into the preset file", "`changes`: a line for each", {}, &call_save},
    {"stop", "ends the session, with a fade", "`stopping`", {}, &call_stop},
    {"help", "all methods with their parameters", "`methods`", {}, &call_help},
}};

}  // namespace

std::span<const Method> methods()
{
    return all_methods;
}

}  // namespace stemwire::control
