// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "control/json.hpp"

/// What the full-screen view knows, and what its keys mean; how it looks is layout.hpp's, and how that gets on a screen the command's.
namespace stemwire::control::top {

/// A line that can be chosen: a meter, or a node.
struct Item {
    std::string node;
    std::string channel;    ///< empty: the node itself
};

enum class Key { up, down, left, right, mute, solo, louder, softer, play, loop, loop_begin, loop_end, help, quit, none };

/// What a key asks of the session.
struct Request {
    std::string method;
    Json parameters = Json::object();
};

class View {
public:
    using Clock = std::chrono::steady_clock;

    /// Answers of `status`, `meters` and `list`. What is not of their shape throws nlohmann::json::exception.
    void take_status(const Json& status);
    void take_meters(const Json& meters, Clock::time_point now);
    void take_parameters(const Json& parameters);
    void say(std::string message) { message_ = std::move(message); }

    /// What is to be asked of the session; nothing where the key only changes the view, or there is nothing that it could change.
    [[nodiscard]] std::optional<Request> press(Key key);

    struct Meter {
        Item item;
        bool is_output = false;
        double peak_db = 0;
        double rms_db = 0;
        double held_db = 0;         ///< the highest peak of late
        Clock::time_point held_at{};
        std::optional<session::LoudnessValue> loudness{};  ///< of a bus that measures it
    };

    [[nodiscard]] const session::SessionStatus& status() const noexcept { return status_; }
    [[nodiscard]] const std::vector<Meter>& meters() const noexcept { return meters_; }
    [[nodiscard]] std::size_t chosen() const noexcept { return chosen_; }  ///< of the meters, then of the nodes
    [[nodiscard]] Item item(std::size_t index) const;
    [[nodiscard]] std::size_t items() const noexcept { return meters_.size() + status_.nodes.size(); }
    /// What an item's gain, mute or solo is called: `mix.drums.gain`, or that of the node where the channel has none of its own: `drums.gain`.
    [[nodiscard]] std::string address(const Item& item, const std::string& parameter) const;
    [[nodiscard]] bool is_on(const std::string& address) const;
    /// The live parameter's value, with its unit; nothing where there is none.
    [[nodiscard]] std::optional<std::string> text_of(const std::string& address) const;
    [[nodiscard]] const std::string& message() const noexcept { return message_; }
    [[nodiscard]] bool shows_help() const noexcept { return help_; }
    [[nodiscard]] bool has_quit() const noexcept { return quit_; }

private:
    struct Value {
        std::optional<double> number;  ///< nothing: off
        std::string text;
        double minimum;
        double maximum;
    };

    [[nodiscard]] std::optional<Request> switch_over(const std::string& parameter);
    [[nodiscard]] std::optional<Request> change_gain(double by_db);
    [[nodiscard]] std::optional<Request> switch_loop();
    void mark(double& place, const char* name);
    void move(bool down);

    session::SessionStatus status_;
    std::vector<Meter> meters_;
    std::map<std::string, Value> values_;
    std::size_t chosen_ = 0;
    double loop_begin_ = 0;
    double loop_end_ = 0;
    std::string message_;
    bool help_ = false;
    bool quit_ = false;
};

}  // namespace stemwire::control::top
