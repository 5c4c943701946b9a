// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/top/view.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "control/position.hpp"
#include "stemwire/units.hpp"

namespace stemwire::control::top {

namespace {

using namespace std::chrono_literals;

constexpr auto peak_hold = 1500ms;
constexpr double seek_seconds = 5.0;
constexpr double gain_step_db = 1.0;
/// Where a gain that was off begins again.
constexpr double first_gain_db = -60.0;

double bound(const Json& value, double otherwise)
{
    return value.is_null() ? otherwise : value.get<double>();
}

}  // namespace

void View::take_status(const Json& status)
{
    status_ = status_from_json(status);
    if (status_.loop_seconds) std::tie(loop_begin_, loop_end_) = *status_.loop_seconds;
    chosen_ = std::min(chosen_, items() == 0 ? 0 : items() - 1);
}

void View::take_meters(const Json& meters, Clock::time_point now)
{
    std::vector<Meter> next;
    for (const session::MeterValue& value : meters_from_json(meters.at("meters"))) {
        Meter meter{{value.node, value.name}, value.is_output, value.peak_db, value.rms_db, value.peak_db, now, value.loudness};
        const auto before = std::ranges::find_if(meters_, [&](const Meter& each) { return each.item.node == value.node && each.item.channel == value.name && each.is_output == value.is_output; });
        const bool holds = before != meters_.end() && before->held_db > meter.peak_db && now - before->held_at < peak_hold;
        if (holds) std::tie(meter.held_db, meter.held_at) = std::tie(before->held_db, before->held_at);
        next.push_back(std::move(meter));
    }
    meters_ = std::move(next);
    chosen_ = std::min(chosen_, items() == 0 ? 0 : items() - 1);
}

void View::take_parameters(const Json& parameters)
{
    constexpr double infinity = std::numeric_limits<double>::infinity();
    values_.clear();
    for (const Json& json : parameters.at("parameters")) {
        const Json& value = json.at("value");
        const auto number = value.is_number() ? std::optional(value.get<double>()) : value.is_boolean() ? std::optional(value.get<bool>() ? 1.0 : 0.0) : std::nullopt;
        values_[json.at("address")] = {number, json.at("text"), bound(json.at("minimum"), -infinity), bound(json.at("maximum"), infinity)};
    }
}

Item View::item(std::size_t index) const
{
    if (index < meters_.size()) return meters_[index].item;
    return {status_.nodes[index - meters_.size()].name, ""};
}

bool View::is_on(const std::string& address) const
{
    const auto value = values_.find(address);
    return value != values_.end() && value->second.number.value_or(0.0) != 0.0;
}

std::optional<std::string> View::text_of(const std::string& address) const
{
    const auto value = values_.find(address);
    return value == values_.end() ? std::nullopt : std::optional(value->second.text);
}

std::optional<Request> View::press(Key key)
{
    message_.clear();
    switch (key) {
    case Key::up: move(false); break;
    case Key::down: move(true); break;
    case Key::left: return Request{"seek", {{"by", -seek_seconds}}};
    case Key::right: return Request{"seek", {{"by", seek_seconds}}};
    case Key::mute: return switch_over("mute");
    case Key::solo: return switch_over("solo");
    case Key::louder: return change_gain(gain_step_db);
    case Key::softer: return change_gain(-gain_step_db);
    case Key::play: return Request{status_.state == session::TransportState::stopped ? "start" : "pause"};
    case Key::loop: return switch_loop();
    case Key::loop_begin: mark(loop_begin_, "begins"); break;
    case Key::loop_end: mark(loop_end_, "ends"); break;
    case Key::help: help_ = !help_; break;
    case Key::quit: quit_ = true; break;
    case Key::none: break;
    }
    return std::nullopt;
}

std::string View::address(const Item& item, const std::string& parameter) const
{
    const std::string own = item.node + "." + item.channel + "." + parameter;
    return !item.channel.empty() && values_.contains(own) ? own : item.node + "." + parameter;
}

std::optional<Request> View::switch_over(const std::string& parameter)
{
    if (items() == 0) return std::nullopt;
    const std::string address = this->address(item(chosen_), parameter);
    if (!text_of(address)) {
        message_ = "there is no " + address;
        return std::nullopt;
    }
    return Request{"set", {{"address", address}, {"value", !is_on(address)}}};
}

std::optional<Request> View::change_gain(double by_db)
{
    if (items() == 0) return std::nullopt;
    const std::string address = this->address(item(chosen_), "gain");
    const auto value = values_.find(address);
    if (value == values_.end()) {
        message_ = "there is no " + address;
        return std::nullopt;
    }
    const auto& [number, text, minimum, maximum] = value->second;
    if (!number && by_db < 0.0) return std::nullopt;
    return Request{"set", {{"address", address}, {"value", std::clamp(number ? *number + by_db : first_gain_db, minimum, maximum)}}};
}

std::optional<Request> View::switch_loop()
{
    if (status_.loop_seconds) return Request{"loop", {{"off", true}}};
    if (loop_begin_ < loop_end_) return Request{"loop", {{"from", loop_begin_}, {"to", loop_end_}}};
    message_ = "mark where the loop begins with [ and where it ends with ]";
    return std::nullopt;
}

void View::mark(double& place, const char* name)
{
    place = status_.seconds;
    message_ = std::string("the loop ") + name + " at " + format_position(place) + "; l switches it";
}

void View::move(bool down)
{
    if (down && chosen_ + 1 < items()) ++chosen_;
    if (!down && chosen_ > 0) --chosen_;
}

}  // namespace stemwire::control::top
