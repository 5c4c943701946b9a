// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/ffmpeg.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include <dlfcn.h>

#include "media/module_interface.h"
#include "media/module_paths.h"

namespace stemwire::media {

namespace {

namespace fs = std::filesystem;

constexpr const char* module_name = "stemwire-ffmpeg.so";

/// A program in the folder in which it was built takes the module of that build; an installed one the module beside it, wherever the
/// whole was moved to.
fs::path module_path()
{
    std::error_code ignored;
    const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
    const fs::path build = STEMWIRE_BUILD_FOLDER;
    const auto [end, within] = std::ranges::mismatch(build, program);
    if (end == build.end()) return build / "src/media/ffmpeg" / module_name;
    return (program.parent_path() / ".." / STEMWIRE_MODULES_FROM_PREFIX / module_name).lexically_normal();
}

}  // namespace

Expected<const Ffmpeg*> load_ffmpeg(const std::string& path)
{
    // Never closed: what it made may still be in use.
    void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) return failure("needs FFmpeg, and stemwire's module for it cannot be loaded: " + std::string(dlerror()));
    const auto interface = reinterpret_cast<decltype(&stemwire_ffmpeg_interface)>(dlsym(module, "stemwire_ffmpeg_interface"));
    const auto entry = reinterpret_cast<decltype(&stemwire_ffmpeg)>(dlsym(module, "stemwire_ffmpeg"));
    if (entry == nullptr) return failure("needs FFmpeg, and " + path + " is no module of stemwire");
    const bool is_ours = interface != nullptr && interface() == std::string_view(STEMWIRE_MODULE_INTERFACE);
    if (!is_ours) return failure("needs FFmpeg, and " + path + " belongs to another build of stemwire (install the program and its module together)");
    return entry();
}

Expected<const Ffmpeg*> ffmpeg()
{
    static const Expected<const Ffmpeg*> loaded = load_ffmpeg(module_path());
    return loaded;
}

}  // namespace stemwire::media
