// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

namespace stemwire::bench {

/// What a benchmark's command line says: `--name value`, or `--name` for one whose default is empty, which is then "yes". Anything that
/// has no default ends the program, with the names that there are.
class Options {
public:
    Options(int count, char** words, std::map<std::string, std::string> defaults) : values_(std::move(defaults))
    {
        for (int i = 1; i < count; ++i) {
            const std::string_view word = words[i];
            if (word == "--help") help(words[0]);
            const auto found = word.starts_with("--") ? values_.find(std::string(word.substr(2))) : values_.end();
            if (found == values_.end()) refuse(words[0]);
            if (found->second.empty()) found->second = "yes";
            else if (++i < count) found->second = words[i];
            else refuse(words[0]);
        }
    }

    [[nodiscard]] const std::string& text(const std::string& name) const { return values_.at(name); }
    [[nodiscard]] bool flag(const std::string& name) const { return text(name) == "yes"; }
    [[nodiscard]] std::size_t number(const std::string& name) const
    {
        char* end = nullptr;
        const auto value = std::strtoul(text(name).c_str(), &end, 10);
        if (value == 0 || *end != '\0' || text(name).front() == '-') refuse(name, "a whole number above 0");
        return value;
    }
    [[nodiscard]] double real(const std::string& name) const
    {
        char* end = nullptr;
        const double value = std::strtod(text(name).c_str(), &end);
        if (!(value > 0.0 && value < 1e12) || *end != '\0') refuse(name, "a number above 0");
        return value;
    }
    /// Ends the program: this option should have been something else.
    [[noreturn]] void refuse(const std::string& name, const char* wanted) const
    {
        std::fprintf(stderr, "--%s: %s, not '%s'\n", name.c_str(), wanted, text(name).c_str());
        std::exit(2);
    }

private:
    [[noreturn]] void refuse(const char* program) const
    {
        usage(stderr, program);
        std::exit(2);
    }
    [[noreturn]] void help(const char* program) const
    {
        usage(stdout, program);
        std::exit(0);
    }
    void usage(std::FILE* file, const char* program) const
    {
        std::fprintf(file, "usage: %s", program);
        for (const auto& [name, fallback] : values_)
            std::fprintf(file, " [--%s%s]", name.c_str(), fallback.empty() ? "" : (" " + fallback).c_str());
        std::fputc('\n', file);
    }

    std::map<std::string, std::string> values_;
};

}  // namespace stemwire::bench
