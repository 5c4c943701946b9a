// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/preset.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "preset/overrides.hpp"
#include "preset/preset_reader.hpp"
#include "preset/report.hpp"
#include "preset/yaml_tree.hpp"

namespace stemwire::preset {

namespace {

Loaded refused(const std::string& path, std::string message)
{
    return {std::nullopt, {Error{std::move(message), path}}, {}};
}

/// What is wrong with a path before anyone opens it. A pipe by name may have nobody who writes to it, and would be waited for; what was handed to
/// this program is another thing (`stemwire check /dev/stdin`, or `<(…)` of a shell).
std::string unfit(const std::string& path)
{
    namespace fs = std::filesystem;
    std::error_code ignored;
    const fs::file_status status = fs::status(path, ignored);
    if (fs::is_directory(status)) return "is a folder, not a preset";
    const bool is_handed = path == "/dev/stdin" || path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/");
    return fs::exists(status) && !fs::is_regular_file(status) && !is_handed ? "is no regular file" : "";
}

}  // namespace

Loaded load_text(std::string_view yaml, const std::string& path, const std::vector<Override>& overrides)
{
    Report report;
    Errors syntax;
    YamlNode root = read_yaml(yaml, syntax);
    for (Error& error : syntax) report.add(std::move(error));
    std::optional<Preset> preset;
    if (root.what == YamlNode::What::map) {
        apply_overrides(root, overrides, report);
        preset = read_preset(std::move(root), path, report);
    } else if (report.error_count() == 0)
        report.error({1, 1}, root.what == YamlNode::What::null ? "the preset is empty (it begins with 'stemwire: 1')"
                                                               : "a preset is a map of keys and values, not " + describe(root));
    if (report.error_count() > 0) preset.reset();
    if (preset) preset->text = std::make_shared<const std::string>(yaml);
    const std::size_t left_out = report.left_out();
    finish_errors(report.errors(), path, overrides);
    finish_errors(report.warnings(), path, overrides);
    if (left_out > 0) report.errors().push_back({"and " + std::to_string(left_out) + " more", path});
    return {std::move(preset), std::move(report.errors()), std::move(report.warnings())};
}

Loaded load(const std::string& path, const std::vector<Override>& overrides)
{
    if (const std::string wrong = unfit(path); !wrong.empty()) return refused(path, wrong);
    std::ifstream stream(path, std::ios::binary);
    if (!stream) return refused(path, std::string("the preset cannot be read: ") + std::strerror(errno));
    // One byte more than read_yaml takes: it says so then, however large the file is.
    std::string text;
    while (stream && text.size() <= largest_preset) {
        const std::size_t done = text.size();
        text.resize(std::min(std::max<std::size_t>(2 * done, 16384), largest_preset + 1));
        stream.read(text.data() + done, static_cast<std::streamsize>(text.size() - done));
        text.resize(done + static_cast<std::size_t>(stream.gcount()));
    }
    return load_text(text, path, overrides);
}

}  // namespace stemwire::preset
