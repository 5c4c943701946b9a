// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/connection.hpp"

#include <array>
#include <cerrno>

#include <sys/socket.h>

namespace stemwire::control {

namespace {

/// So little at a time that one client, whatever it sends, holds the main loop for a moment only.
constexpr std::size_t piece = 4096;
constexpr std::chrono::seconds patience{10};

bool try_again()
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

void Connection::receive()
{
    input_.erase(0, taken_);
    searched_ -= taken_;
    taken_ = 0;
    std::array<char, piece> bytes{};
    const ssize_t size = recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size > 0) input_.append(bytes.data(), static_cast<std::size_t>(size));
    else if (size == 0) ended_ = true;
    else if (!try_again()) broken_ = true;
}

std::optional<std::string_view> Connection::next_line()
{
    const auto end = input_.find('\n', searched_);
    if (end == std::string::npos) {
        searched_ = input_.size();
        too_long_ = too_long_ || input_.size() - taken_ > longest_line;
        return std::nullopt;
    }
    std::string_view line(input_.data() + taken_, end - taken_);
    taken_ = searched_ = end + 1;
    too_long_ = too_long_ || line.size() > longest_line;
    if (too_long_) return std::nullopt;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

void Connection::send(std::string_view line, Clock::time_point now)
{
    if (broken_) return;
    if (waiting() + line.size() > largest_output) {
        broken_ = true;
        return;
    }
    if (waiting() == 0) progress_ = now;
    output_.append(line);
    output_.push_back('\n');
    flush(now);
}

void Connection::flush(Clock::time_point now)
{
    while (waiting() > 0 && !broken_) {
        const ssize_t size = ::send(socket_.get(), output_.data() + written_, waiting(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (size < 0 && try_again()) break;
        if (size < 0) broken_ = true;
        else written_ += static_cast<std::size_t>(size);
        progress_ = now;
    }
    if (waiting() == 0 || written_ > comfortable_output) {
        output_.erase(0, written_);
        written_ = 0;
    }
}

bool Connection::finished(Clock::time_point now) const noexcept
{
    if (broken_) return true;
    if (waiting() > 0) return now - progress_ > patience;
    return too_long_ || (ended_ && pending == 0);
}

}  // namespace stemwire::control
