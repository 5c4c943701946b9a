// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "control/descriptor.hpp"
#include "stemwire/error.hpp"

namespace stemwire::control {

/// A session's name, held by one process at a time: a locked file beside the socket. The system lets go of it when the process ends, however that ends.
class SessionLock {
public:
    /// The error says which process has the name. `folder` exists.
    [[nodiscard]] static Expected<SessionLock> take(const std::string& folder, const std::string& name);
    ~SessionLock();
    SessionLock(SessionLock&& other) noexcept = default;
    SessionLock& operator=(SessionLock&& other) = delete;

private:
    SessionLock(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}

    std::string path_;
    Descriptor file_;
};

}  // namespace stemwire::control
