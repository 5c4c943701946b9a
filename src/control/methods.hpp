// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "control/json.hpp"

namespace stemwire::control {

/// Codes of JSON-RPC 2.0, section 5.1; the last two are ours.
enum RpcCode : int {
    rpc_parse_error = -32700,
    rpc_invalid_request = -32600,
    rpc_no_such_method = -32601,
    rpc_wrong_parameters = -32602,  ///< also: no such address, a value that is out of range
    rpc_failed = -32000,            ///< the session could not do it
    rpc_busy = -32001,              ///< too much at once: asked for again later it may work
};

struct RpcError {
    int code = rpc_failed;
    std::string message;
};

using RpcResult = tl::expected<Json, RpcError>;
/// Called once; may come later.
using RpcAnswer = std::function<void(RpcResult)>;

/// The meters that a client wants again and again: times a second, 0 for none.
using Follow = std::function<void(double per_second)>;

/// One request on its way into the session.
struct Call {
    session::SessionControl& session;
    const Json& parameters;  ///< an object with no other keys than the method's
    const Follow& follow;
    RpcAnswer answer;
};

struct MethodParameter {
    std::string_view name;
    std::string_view description;
    bool required = false;
};

struct Method {
    std::string_view name;
    std::string_view description;  ///< one line, without a full stop
    std::string_view result;       ///< what it answers
    std::span<const MethodParameter> parameters;
    void (*call)(Call& call);
};

/// Everything that can be asked for, in the order of the reference.
[[nodiscard]] std::span<const Method> methods();

constexpr double most_meters_per_second = 30.0;

}  // namespace stemwire::control
