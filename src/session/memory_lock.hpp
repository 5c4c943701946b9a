// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace stemwire::session {

/// Keeps all that the process has in memory, and all that it will have once it is touched. False where the limits do not allow it.
/// Takes its time, but hardly any from who touches new memory meanwhile. Thread: any.
[[nodiscard]] bool lock_memory();

}  // namespace stemwire::session
