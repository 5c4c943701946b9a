// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/library.hpp"

#include <cstdio>

#include <pipewire/pipewire.h>

namespace stemwire::host {

std::array<int, 3> version_of(const char* text)
{
    std::array<int, 3> version{};
    std::sscanf(text, "%d.%d.%d", &version[0], &version[1], &version[2]);
    return version;
}

std::array<int, 3> library_version()
{
    return version_of(pw_get_library_version());
}

const char* client_config()
{
    return library_version() < std::array{1, 4, 0} ? "client-rt.conf" : "client.conf";
}

}  // namespace stemwire::host
