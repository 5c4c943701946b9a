// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/osc_message.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>

#include <lo/lo.h>
#include <lo/lo_lowlevel.h>

namespace stemwire::control {

namespace {

constexpr std::string_view prefix = "/stemwire/";
constexpr std::string_view bundle_mark{"#bundle\0", 8};
constexpr std::size_t bundle_head = 16;  // the mark and the time
constexpr int deepest_bundle = 8;

struct FreeMessage {
    void operator()(void* message) const { lo_message_free(message); }
};
using LoMessage = std::unique_ptr<void, FreeMessage>;

std::uint32_t big_endian(const char* bytes)
{
    std::uint32_t value = 0;
    for (int index = 0; index < 4; ++index) value = value << 8U | static_cast<unsigned char>(bytes[index]);
    return value;
}

/// A number as liblo has left it, in the order of this machine. Wide ones may lie at any multiple of four bytes.
template <class Number>
double number_at(const void* argument)
{
    Number number{};
    std::memcpy(&number, argument, sizeof number);
    return static_cast<double>(number);
}

std::optional<OscArgument> argument_of(char type, const void* argument)
{
    switch (type) {
    case LO_FLOAT: return number_at<float>(argument);
    case LO_DOUBLE: return number_at<double>(argument);
    case LO_INT32: return number_at<std::int32_t>(argument);
    case LO_INT64: return number_at<std::int64_t>(argument);
    case LO_STRING:
    case LO_SYMBOL: return std::string(static_cast<const char*>(argument));
    case LO_TRUE: return true;
    case LO_FALSE: return false;
    default: return std::nullopt;
    }
}

std::optional<OscMessage> unpack_message(std::span<char> packet)
{
    if (packet.size() < 4 || packet.front() != '/') return std::nullopt;
    // liblo looks for the path's end inside the size that it is told only after this.
    if (std::memchr(packet.data(), '\0', packet.size()) == nullptr) return std::nullopt;
    int result = 0;
    const LoMessage message(lo_message_deserialise(packet.data(), packet.size(), &result));
    if (!message) return std::nullopt;
    OscMessage unpacked{packet.data(), {}};
    const char* types = lo_message_get_types(message.get());
    lo_arg** arguments = lo_message_get_argv(message.get());
    for (int index = 0; index < lo_message_get_argc(message.get()); ++index) {
        auto argument = argument_of(types[index], arguments[index]);
        if (!argument) return std::nullopt;
        unpacked.arguments.push_back(std::move(*argument));
    }
    return unpacked;
}

void unpack(std::span<char> packet, int depth, const std::function<void(const OscMessage&)>& callback)
{
    if (!std::string_view(packet.data(), packet.size()).starts_with(bundle_mark)) {
        if (const auto message = unpack_message(packet)) callback(*message);
        return;
    }
    if (depth == deepest_bundle || packet.size() < bundle_head) return;
    for (auto rest = packet.subspan(bundle_head); rest.size() > 4;) {
        const std::size_t size = big_endian(rest.data());
        if (size == 0 || size % 4 != 0 || size > rest.size() - 4) return;
        unpack(rest.subspan(4, size), depth + 1, callback);
        rest = rest.subspan(4 + size);
    }
}

}  // namespace

void unpack_osc(std::span<char> packet, const std::function<void(const OscMessage&)>& callback)
{
    unpack(packet, 0, callback);
}

std::string pack_osc(const OscMessage& message)
{
    const LoMessage packed(lo_message_new());
    for (const OscArgument& argument : message.arguments) {
        if (const double* number = std::get_if<double>(&argument)) lo_message_add_float(packed.get(), static_cast<float>(*number));
        else if (const std::string* text = std::get_if<std::string>(&argument)) lo_message_add_string(packed.get(), text->c_str());
        else if (std::get<bool>(argument)) lo_message_add_true(packed.get());
        else lo_message_add_false(packed.get());
    }
    std::string bytes(lo_message_length(packed.get(), message.path.c_str()), '\0');
    std::size_t size = 0;
    lo_message_serialise(packed.get(), message.path.c_str(), bytes.data(), &size);
    return bytes;
}

std::string osc_path(std::string_view address)
{
    std::string path(prefix);
    path += address;
    std::ranges::replace(path, '.', '/');
    return path;
}

std::string address_of(std::string_view path)
{
    if (!path.starts_with(prefix)) return {};
    std::string address(path.substr(prefix.size()));
    std::ranges::replace(address, '/', '.');
    return address;
}

bool is_osc_pattern(std::string_view path)
{
    return path.find_first_of("?*[{") != std::string_view::npos;
}

bool osc_matches(const std::string& path, const std::string& pattern)
{
    return lo_pattern_match(path.c_str(), pattern.c_str()) != 0;
}

}  // namespace stemwire::control
