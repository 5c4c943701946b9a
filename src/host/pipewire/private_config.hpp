// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "host/pipewire/private_server.hpp"

namespace stemwire::host {

/// The pipewire.conf of a private server: no session manager, no D-Bus, a driver that runs without a sound card, and a null sink.
[[nodiscard]] std::string private_config(const PrivateServer::Options& options);

}  // namespace stemwire::host
