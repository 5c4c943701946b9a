// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/options.hpp"

#include <charconv>
#include <iostream>
#include <sstream>

#include <boost/program_options.hpp>

#include "cli/command.hpp"
#include "preset/preset.hpp"

namespace stemwire::cli {

namespace {

namespace po = boost::program_options;

constexpr const char* positional_name = "-positional";
constexpr unsigned help_width = 110;
constexpr double longest_seconds = 1e7;  // 115 days: nobody means more, and its frames fit every counter

po::options_description visible_options(const Usage& usage)
{
    po::options_description options("Options", help_width, help_width / 2);
    for (const Option& option : usage.options) {
        const std::string name(option.name);
        const std::string description(option.description);
        if (option.value.empty()) {
            options.add_options()(name.c_str(), description.c_str());
            continue;
        }
        auto* value = po::value<std::vector<std::string>>()->value_name(std::string(option.value));
        options.add_options()(name.c_str(), option.repeated ? value->composing() : value, description.c_str());
    }
    options.add_options()("help,h", "show this help");
    return options;
}

void print_help(const Usage& usage, const po::options_description& options)
{
    std::cout << "Usage: stemwire " << usage.command << " [OPTIONS]" << (usage.positional.empty() ? "" : " ") << usage.positional << "\n\n"
              << usage.description << "\n\n"
              << options;
}

/// A negative number (`-3`, `-.5`) is an argument, not an option: no option begins with a digit.
std::vector<po::option> negative_number(std::vector<std::string>& words)
{
    const std::string& word = words.front();
    if (word.size() < 2 || word[0] != '-' || std::string_view("0123456789.").find(word[1]) == std::string_view::npos) return {};
    po::option argument;
    argument.value.push_back(word);
    argument.original_tokens.push_back(word);
    words.erase(words.begin());
    return {argument};
}

std::string long_name(std::string_view name)
{
    return std::string(name.substr(0, name.find(',')));
}

}  // namespace

std::optional<std::string> Arguments::value(const std::string& option) const
{
    const auto found = values_.find(option);
    if (found == values_.end() || found->second.empty()) return std::nullopt;
    return found->second.back();
}

std::vector<std::string> Arguments::values(const std::string& option) const
{
    const auto found = values_.find(option);
    return found == values_.end() ? std::vector<std::string>{} : found->second;
}

std::variant<Arguments, int> parse(const Usage& usage, const std::vector<std::string>& arguments)
{
    const po::options_description visible = visible_options(usage);
    po::options_description all;
    all.add(visible);
    all.add_options()(positional_name, po::value<std::vector<std::string>>());
    po::positional_options_description positions;
    positions.add(positional_name, -1);
    // GNU style, but no guessing of what a shortened option may mean.
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::variables_map given;
    try {
        po::store(po::command_line_parser(arguments).options(all).positional(positions).style(style).extra_style_parser(&negative_number).run(), given);
    } catch (const po::error& error) {
        return wrong_usage(usage.command, error.what());
    }
    if (given.count("help") > 0) {
        print_help(usage, visible);
        return exit_done;
    }
    Arguments result;
    for (const Option& option : usage.options) {
        const std::string name = long_name(option.name);
        if (given.count(name) == 0) continue;
        result.values_[name] = option.value.empty() ? std::vector<std::string>{} : given[name].as<std::vector<std::string>>();
    }
    if (given.count(positional_name) > 0) result.positional_ = given[positional_name].as<std::vector<std::string>>();
    if (result.positional_.size() < usage.at_least) return wrong_usage(usage.command, "missing " + std::string(usage.positional));
    if (result.positional_.size() > usage.at_most) return wrong_usage(usage.command, "unexpected argument '" + result.positional_[usage.at_most] + "'");
    return result;
}

int wrong_usage(std::string_view command, const std::string& message)
{
    std::cerr << "stemwire: error: " << message << "\nTry 'stemwire " << (command.empty() ? "" : std::string(command) + " ") << "--help'.\n";
    return exit_usage;
}

Expected<double> parse_seconds(const std::string& option, const std::string& text)
{
    static constexpr Parameter row{.name = "time", .kind = Kind::time, .description = "", .minimum = 0.0, .maximum = longest_seconds};
    const auto seconds = preset::parse_number(row, text);
    if (!seconds) return failure("--" + option + ": " + seconds.error().message);
    return *seconds;
}

Expected<std::optional<double>> seconds_of(const Arguments& arguments, const std::string& option)
{
    const auto text = arguments.value(option);
    if (!text) return std::optional<double>();
    const auto seconds = parse_seconds(option, *text);
    if (!seconds) return tl::unexpected(seconds.error());
    return std::optional(*seconds);
}

Expected<long> parse_count(const std::string& option, const std::string& text, long minimum, long maximum)
{
    long count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end != text.data() + text.size() || count < minimum || count > maximum)
        return failure("--" + option + ": '" + text + "' is no whole number from " + std::to_string(minimum) + " to " + std::to_string(maximum));
    return count;
}

}  // namespace stemwire::cli
