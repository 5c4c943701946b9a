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
        const auto value = std::strtoul(text(name).c_str(), nullptr, 10);
        if (value == 0) {
            std::fprintf(stderr, "--%s: a number above 0, not '%s'\n", name.c_str(), text(name).c_str());
            std::exit(2);
        }
        return value;
    }

private:
    [[noreturn]] void refuse(const char* program) const
    {
        std::fprintf(stderr, "usage: %s", program);
        for (const auto& [name, fallback] : values_)
            std::fprintf(stderr, " [--%s%s]", name.c_str(), fallback.empty() ? "" : (" " + fallback).c_str());
        std::fputc('\n', stderr);
        std::exit(2);
    }

    std::map<std::string, std::string> values_;
};

}  // namespace stemwire::bench
