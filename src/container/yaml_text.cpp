// SPDX-License-Identifier: GPL-3.0-or-later
#include "container/yaml_text.hpp"

#include <cctype>

namespace stemwire::container {

namespace {


/// Without symbolic links as far as that can be told.
std::filesystem::path resolved(const std::filesystem::path& path)
{
    std::error_code error;
    const std::filesystem::path found = std::filesystem::weakly_canonical(path, error);
    return error ? std::filesystem::absolute(path, error).lexically_normal() : found;
}

}  // namespace

std::string node_name(std::string_view text)
{
    std::string name;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (byte < 128 && std::isalnum(byte) != 0) name += static_cast<char>(std::tolower(byte));
        else if (!name.empty() && name.back() != '-') name += '-';
    }
    while (!name.empty() && name.back() == '-') name.pop_back();
    if (name.empty() || std::isalpha(static_cast<unsigned char>(name.front())) == 0) name = "track" + (name.empty() ? "" : "-" + name);
    return name;
}

std::string unique_name(std::string name, std::set<std::string>& taken)
{
    const std::string stem = name;
    for (int number = 2; !taken.insert(name).second; ++number) name = stem + "-" + std::to_string(number);
    return name;
}

std::string path_from(const std::filesystem::path& folder, const std::filesystem::path& file)
{
    const std::filesystem::path absolute = resolved(file);
    const std::filesystem::path relative = absolute.lexically_relative(resolved(folder));
    return relative.empty() || *relative.begin() == ".." ? absolute.string() : relative.string();
}

}  // namespace stemwire::container
