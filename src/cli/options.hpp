// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "stemwire/error.hpp"

namespace stemwire::cli {

/// One option of a command.
struct Option {
    std::string_view name;         ///< `duration`, or `output,o` with a short form
    std::string_view value;        ///< what its value is called in the help: `TIME`; empty: a switch
    std::string_view description;
    bool repeated = false;         ///< may be given several times, and may take several values
};

/// What a command takes.
struct Usage {
    std::string_view command;
    std::string_view positional;   ///< `PRESET`, `FILE…`; empty: none
    std::size_t at_least = 0;      ///< positional arguments
    std::size_t at_most = 0;
    std::string_view description;
    std::vector<Option> options;
};

/// A command line that was understood.
class Arguments {
public:
    [[nodiscard]] bool has(const std::string& option) const { return values_.contains(option); }
    /// The last value given, if any.
    [[nodiscard]] std::optional<std::string> value(const std::string& option) const;
    [[nodiscard]] std::vector<std::string> values(const std::string& option) const;
    [[nodiscard]] const std::vector<std::string>& positional() const { return positional_; }

private:
    friend std::variant<Arguments, int> parse(const Usage&, const std::vector<std::string>&);
    std::map<std::string, std::vector<std::string>> values_;
    std::vector<std::string> positional_;
};

/// Understands a command line, or prints help (status 0) or what is wrong with it (status 2) and returns that status.
[[nodiscard]] std::variant<Arguments, int> parse(const Usage& usage, const std::vector<std::string>& arguments);

/// Prints `stemwire: error: MESSAGE` and how to get help; returns exit_usage.
int wrong_usage(std::string_view command, const std::string& message);

/// A time as a person writes it (`20 ms`, `1 min`, a bare number of seconds), in seconds.
[[nodiscard]] Expected<double> parse_seconds(const std::string& option, const std::string& text);
/// The same of an option that may not be given.
[[nodiscard]] Expected<std::optional<double>> seconds_of(const Arguments& arguments, const std::string& option);
[[nodiscard]] Expected<long> parse_count(const std::string& option, const std::string& text, long minimum, long maximum);

}  // namespace stemwire::cli
