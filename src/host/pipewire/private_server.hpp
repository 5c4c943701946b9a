// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "stemwire/error.hpp"

namespace stemwire::host {

/// A PipeWire of our own: no session manager, no D-Bus, one stereo null sink as the default sink, in a folder of its own.
/// Ends with this object, and with this process however it dies.
class PrivateServer {
public:
    struct Options {
        double rate_hz = 48000;
        std::uint32_t quantum = 256;
        std::string program = "pipewire";
        std::string sink_name = "null-sink";
        std::uint32_t sink_channels = 2;
    };
    /// Starts it and waits until it answers. Thread: any but realtime; blocking.
    [[nodiscard]] static Expected<std::unique_ptr<PrivateServer>> start(const Options& options);
    virtual ~PrivateServer() = default;

    /// For PIPEWIRE_REMOTE and HostOptions::remote: an absolute path of its socket.
    [[nodiscard]] virtual const std::string& remote() const noexcept = 0;
    [[nodiscard]] virtual const std::string& runtime_dir() const noexcept = 0;
    [[nodiscard]] virtual int pid() const noexcept = 0;
};

}  // namespace stemwire::host
