// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/library.hpp"

#include <cstdio>

#include <pipewire/pipewire.h>

namespace stemwire::host {

std::array<int, 3> library_version()
{
    std::array<int, 3> version{};
    std::sscanf(pw_get_library_version(), "%d.%d.%d", &version[0], &version[1], &version[2]);
    return version;
}

const char* client_config()
{
    return library_version() < std::array{1, 4, 0} ? "client-rt.conf" : "client.conf";
}

}  // namespace stemwire::host
