// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "stemwire/error.hpp"
#include "stemwire/units.hpp"

namespace stemwire::host {

/// Moves the transport of a PipeWire server. Only JACK's clients can (0.3.65 has no other way, later ones cannot locate), so this is one, without ports.
/// Thread: the main loop.
class TransportClient {
public:
    /// The error says what to install, or what is in the way. `remote`: as HostOptions.
    [[nodiscard]] static Expected<std::unique_ptr<TransportClient>> open(const std::string& remote, const std::string& session);
    ~TransportClient();
    TransportClient(const TransportClient&) = delete;
    TransportClient& operator=(const TransportClient&) = delete;

    void roll(bool rolling);
    void locate(Frames frame);

private:
    struct Impl;
    explicit TransportClient(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace stemwire::host
