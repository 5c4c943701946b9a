// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "control/descriptor.hpp"

namespace stemwire::control {

/// One client of the control socket: lines in, lines out, both bounded, never waited for.
/// Thread: the main loop's.
class Connection {
public:
    using Clock = std::chrono::steady_clock;

    explicit Connection(Descriptor socket) : socket_(std::move(socket)) {}

    [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }

    /// Takes in one piece of what has arrived, at most 4 KiB.
    void receive();
    /// The next whole line that has arrived, without its end; valid until the next call. A line that is too long closes the input.
    [[nodiscard]] std::optional<std::string_view> next_line();
    /// True once after a line was longer than the limit.
    [[nodiscard]] bool take_too_long() noexcept { return too_long_ && !std::exchange(too_long_said_, true); }

    /// Queues one line, and writes what the client takes now.
    void send(std::string_view line, Clock::time_point now = Clock::now());
    void flush(Clock::time_point now = Clock::now());

    /// True while more requests may come in: a client that does not read its answers is not asked for more.
    [[nodiscard]] bool wants_input() const noexcept { return !ended_ && !too_long_ && waiting() < comfortable_output; }
    [[nodiscard]] bool wants_output() const noexcept { return waiting() > 0; }
    /// True where it is time to let go: an error, nothing more to say to one who said goodbye, or answers that nobody took.
    [[nodiscard]] bool finished(Clock::time_point now) const noexcept;
    /// True while answers go out smoothly enough for notifications in between.
    [[nodiscard]] bool keeps_up() const noexcept { return waiting() < comfortable_output; }

    /// Requests that are not yet answered.
    int pending = 0;
    /// Meters, again and again; 0: none.
    std::chrono::nanoseconds follow_period{0};
    Clock::time_point follow_next{};

private:
    static constexpr std::size_t longest_line = 64 * 1024;
    static constexpr std::size_t comfortable_output = 256 * 1024;
    static constexpr std::size_t largest_output = 4 * 1024 * 1024;  // the answers to one batch of long lists

    [[nodiscard]] std::size_t waiting() const noexcept { return output_.size() - written_; }

    Descriptor socket_;
    std::string input_;
    std::size_t taken_ = 0;      ///< of the input, by next_line
    std::size_t searched_ = 0;   ///< of the input, for the end of a line
    std::string output_;
    std::size_t written_ = 0;
    Clock::time_point progress_ = Clock::now();  ///< when the client last took something, or had nothing to take
    bool ended_ = false;         ///< nothing more comes in
    bool broken_ = false;
    bool too_long_ = false;
    bool too_long_said_ = false;
};

}  // namespace stemwire::control
