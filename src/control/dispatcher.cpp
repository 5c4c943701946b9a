// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/dispatcher.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include "preset/preset.hpp"

namespace stemwire::control {

namespace {

constexpr int deepest_nesting = 16;       // a batch of requests with parameters needs 4
constexpr std::size_t largest_batch = 64;

Json error_object(const Json& id, const RpcError& error)
{
    return {{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", error.code}, {"message", error.message}}}};
}

Json answer_object(const Json& id, const RpcResult& result)
{
    if (!result) return error_object(id, result.error());
    return {{"jsonrpc", "2.0"}, {"id", id}, {"result", *result}};
}

/// Collects the answers to one line, and sends them when the last is there.
class Answers {
public:
    Answers(std::function<void(const std::string&)> send, bool batch) : send_(std::move(send)), batch_(batch) {}
    ~Answers() { send_(collected_.empty() ? "" : to_line(batch_ ? collected_ : collected_.front())); }
    Answers(const Answers&) = delete;
    Answers& operator=(const Answers&) = delete;

    void add(Json answer) { collected_.push_back(std::move(answer)); }

private:
    std::function<void(const std::string&)> send_;
    bool batch_;
    Json collected_ = Json::array();
};

bool is_id(const Json& id)
{
    return id.is_string() || id.is_number() || id.is_null();
}

const Method* find_method(std::string_view name)
{
    const auto found = std::ranges::find(methods(), name, &Method::name);
    return found == methods().end() ? nullptr : &*found;
}

RpcError no_such_method(const std::string& name)
{
    std::vector<std::string_view> known;
    for (const Method& method : methods()) known.push_back(method.name);
    const auto near = preset::nearest(name, known);
    return {rpc_no_such_method, "there is no method '" + name + "'" + (near ? " (did you mean '" + std::string(*near) + "'?)" : "; 'help' lists them")};
}

/// Parameters by name, whichever way they were given.
RpcResult named_parameters(const Method& method, const Json& request)
{
    const auto wrong = [](std::string message) { return tl::unexpected(RpcError{rpc_wrong_parameters, std::move(message)}); };
    const Json given = request.contains("params") ? request["params"] : Json::object();
    if (!given.is_object() && !given.is_array()) return tl::unexpected(RpcError{rpc_invalid_request, "'params' is an object or an array"});
    Json named = Json::object();
    if (given.is_array()) {
        if (given.size() > method.parameters.size())
            return wrong("'" + std::string(method.name) + "' takes " + std::to_string(method.parameters.size()) + " parameters at most");
        for (std::size_t index = 0; index < given.size(); ++index) named[std::string(method.parameters[index].name)] = given[index];
    } else {
        named = given;
    }
    for (const auto& [name, value] : named.items())
        if (std::ranges::find(method.parameters, std::string_view(name), &MethodParameter::name) == method.parameters.end())
            return wrong("'" + std::string(method.name) + "' has no parameter '" + name + "'");
    for (const MethodParameter& parameter : method.parameters)
        if (parameter.required && !named.contains(std::string(parameter.name))) return wrong("the parameter '" + std::string(parameter.name) + "' is missing");
    return named;
}

/// What is wrong with the envelope; nothing where nothing is.
std::optional<std::string> refuse_request(const Json& request)
{
    if (!request.is_object()) return "a request is an object";
    if (!request.contains("jsonrpc") || request["jsonrpc"] != "2.0") return "\"jsonrpc\": \"2.0\" is missing";
    if (!request.contains("method") || !request["method"].is_string()) return "'method' is missing, or is not a text";
    if (request.contains("id") && !is_id(request["id"])) return "'id' is a text, a number or null";
    return std::nullopt;
}

void answer_request(session::SessionControl& session, const Json& request, const ClientSide& client, const std::shared_ptr<Answers>& answers)
{
    if (const auto message = refuse_request(request)) {
        const bool has_id = request.is_object() && request.contains("id") && is_id(request["id"]);
        return answers->add(error_object(has_id ? request["id"] : Json(nullptr), {rpc_invalid_request, *message}));
    }
    RpcAnswer answer = [](const RpcResult&) {};
    if (request.contains("id")) answer = [answers, id = request["id"]](const RpcResult& result) { answers->add(answer_object(id, result)); };
    const auto name = request["method"].get<std::string>();
    const Method* method = find_method(name);
    if (method == nullptr) return answer(tl::unexpected(no_such_method(name)));
    const RpcResult parameters = named_parameters(*method, request);
    if (!parameters) return answer(parameters);
    Call call{session, *parameters, client.follow, answer};
    method->call(call);
}

/// Nothing where the line is not JSON, or nested deeper than anyone needs.
std::optional<Json> parse_line(std::string_view line)
{
    bool too_deep = false;
    const auto keep = [&too_deep](int depth, Json::parse_event_t, Json&) {
        too_deep = too_deep || depth > deepest_nesting;
        return !too_deep;
    };
    Json json = Json::parse(line, keep, false);
    if (too_deep || json.is_discarded()) return std::nullopt;
    return json;
}

}  // namespace

std::string error_line(int code, const std::string& message)
{
    return to_line(error_object(nullptr, {code, message}));
}

void answer_line(session::SessionControl& session, std::string_view line, const ClientSide& client)
{
    const auto request = parse_line(line);
    if (!request) return client.send(error_line(rpc_parse_error, "this line is not JSON (UTF-8, one object or array a line, nested 16 deep at most)"));
    if (request->is_array() && (request->empty() || request->size() > largest_batch))
        return client.send(error_line(rpc_invalid_request, "a batch has 1 … 64 requests"));
    const auto answers = std::make_shared<Answers>(client.send, request->is_array());
    if (!request->is_array()) return answer_request(session, *request, client, answers);
    for (const Json& each : *request) answer_request(session, each, client, answers);
}

}  // namespace stemwire::control
