// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/recorder/take_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace stemwire::nodes {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view time_letters = "YymdHMSjFTaAbBpIZzUVuGe";  // of strftime; none makes a '/'
constexpr unsigned most_takes = 99'999;

std::string time_text(char letter, const std::tm& time)
{
    const std::array<char, 3> format{'%', letter, '\0'};
    std::array<char, 128> text{};
    return {text.data(), std::strftime(text.data(), text.size(), format.data(), &time)};
}

std::string take_text(unsigned take)
{
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%03u", take);
    return text.data();
}

bool has_take(std::string_view name)
{
    for (std::size_t i = name.find('%'); i != std::string_view::npos; i = name.find('%', i + 2))
        if (name.substr(i).starts_with("%t")) return true;
    return false;
}

std::string piece_of_name(char letter, const TakePattern& pattern, unsigned take, const std::tm& time)
{
    switch (letter) {
    case 't': return take_text(take);
    case 'n': return pattern.node;
    case '%': return "%";
    default: return time_text(letter, time);
    }
}

}  // namespace

Expected<void> check_pattern(const std::string& path)
{
    const std::string name = fs::path(path).filename().string();
    for (std::size_t i = name.find('%'); i != std::string::npos; i = name.find('%', i + 2)) {
        const char letter = i + 1 < name.size() ? name[i + 1] : '\0';
        if (letter == 't' || letter == 'n' || letter == '%' || (letter != '\0' && time_letters.find(letter) != std::string_view::npos)) continue;
        return failure("'" + name.substr(i, 2) + "' stands for nothing (%n: the node's name, %t: the take's number, %Y %m %d %H %M %S: the time)");
    }
    const fs::path folder = fs::path(path).parent_path();
    std::error_code ignored;
    if (!fs::exists(folder, ignored)) return failure("the folder " + folder.string() + " does not exist");
    if (!fs::is_directory(folder, ignored)) return failure(folder.string() + " is no folder");
    if (access(folder.c_str(), W_OK | X_OK) != 0) return failure("the folder " + folder.string() + " cannot be written: " + std::strerror(errno));
    return {};
}

std::string take_name(const TakePattern& pattern, unsigned take, const std::tm& time)
{
    const fs::path path(pattern.path);
    const std::string name = path.filename().string();
    std::string text;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] == '%' && i + 1 < name.size()) text += piece_of_name(name[++i], pattern, take, time);
        else text += name[i];
    }
    const fs::path whole = path.parent_path() / text;
    if (take == 1 || has_take(name)) return whole.string();
    return (whole.parent_path() / (whole.stem().string() + "-" + std::to_string(take) + whole.extension().string())).string();
}

Expected<std::string> claim_take(const TakePattern& pattern)
{
    const std::time_t now = std::time(nullptr);
    std::tm time{};
    localtime_r(&now, &time);
    for (unsigned take = 1; take <= most_takes; ++take) {
        std::string file = take_name(pattern, take, time);
        const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor >= 0) {
            close(descriptor);
            return file;
        }
        if (errno != EEXIST) return failure(file + " cannot be written: " + std::strerror(errno));
    }
    return failure("every name of " + pattern.path + " is taken");
}

}  // namespace stemwire::nodes
