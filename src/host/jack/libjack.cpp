// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/jack/libjack.hpp"

#include <string>

#include <dlfcn.h>

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
    jack.set_error_function([](const char*) {});
    jack.set_info_function([](const char*) {});
    return jack;
}

Expected<Libjack> load()
{
    // Never closed: both libraries leave threads behind.
    void* library = dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return failure("JACK needs " + std::string(library_name) + ": install libjack-jackd2-0, or start stemwire with pw-jack");
    return look_up(library);
}

}  // namespace

Expected<const Libjack*> load_libjack()
{
    static const Expected<Libjack> loaded = load();
    if (!loaded) return tl::unexpected(loaded.error());
    return &*loaded;
}

}  // namespace stemwire::host
