// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/jack/libjack.hpp"

#include <filesystem>
#include <string>

#include <dlfcn.h>
#include <pipewire/pipewire.h>

namespace stemwire::host {

namespace {

constexpr const char* library_name = "libjack.so.0";  // the SONAME of jackd2's and of PipeWire's

template <class Function>
bool find(void* library, const char* name, Function& function)
{
    function = reinterpret_cast<Function>(dlsym(library, name));
    return function != nullptr;
}

Expected<Libjack> look_up(void* library)
{
    Libjack jack;
#define STEMWIRE_FIND_JACK_FUNCTION(name) \
    if (!find(library, "jack_" #name, jack.name)) return failure(std::string(library_name) + " lacks jack_" #name ": it is too old");
    STEMWIRE_EACH_JACK_FUNCTION(STEMWIRE_FIND_JACK_FUNCTION)
#undef STEMWIRE_FIND_JACK_FUNCTION
    find(library, "jack_get_version_string", jack.get_version_string);
    jack.of_pipewire = dlsym(library, "pw_init") != nullptr;  // of a library that it needs
    jack.set_error_function([](const char*) {});
    jack.set_info_function([](const char*) {});
    return jack;
}

Expected<Libjack> load(const std::string& path, const std::string& advice)
{
    // Never closed: both libraries leave threads behind.
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return failure(advice);
    return look_up(library);
}

/// Where Debian, and PipeWire's own build, put it.
std::string pipewires_path()
{
    Dl_info info{};
    if (dladdr(reinterpret_cast<const void*>(&pw_get_library_version), &info) == 0 || info.dli_fname == nullptr) return library_name;
    return std::filesystem::path(info.dli_fname).parent_path() / "pipewire-0.3/jack" / library_name;
}

}  // namespace

Expected<const Libjack*> load_libjack()
{
    static const Expected<Libjack> loaded = load(library_name, "JACK needs " + std::string(library_name) + ": install libjack-jackd2-0, or start stemwire with pw-jack");
    if (!loaded) return tl::unexpected(loaded.error());
    return &*loaded;
}

Expected<const Libjack*> load_pipewires_libjack()
{
    static const Expected<Libjack> loaded = load(pipewires_path(), "PipeWire's transport is moved by way of its own " + std::string(library_name) + ": install pipewire-jack");
    if (!loaded) return tl::unexpected(loaded.error());
    return &*loaded;
}

}  // namespace stemwire::host
