// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace stemwire::session {

/// Notices that a file was saved: in place, by a rename over it (as most editors do), behind a symbolic link, after it was gone for a while.
/// Thread: control's.
class PresetWatcher {
public:
    using Clock = std::chrono::steady_clock;

    explicit PresetWatcher(std::string path);
    ~PresetWatcher();
    PresetWatcher(const PresetWatcher&) = delete;
    PresetWatcher& operator=(const PresetWatcher&) = delete;

    /// Readable when it is worth calling `changed` again soon; −1 where the system has no more of the kind: then once a second will do.
    [[nodiscard]] int descriptor() const noexcept { return inotify_; }
    /// Empties the descriptor.
    void drain() noexcept;
    /// True once for each change, when the file has been left alone for a moment; of changes without a rest, now and then.
    [[nodiscard]] bool changed(Clock::time_point now = Clock::now());
    /// The file as it is now is known.
    void skip();
    /// True while a change waits to be left alone.
    [[nodiscard]] bool pending() const noexcept { return pending_; }

private:
    /// What tells one saved state from another.
    struct Signature {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::int64_t size = -1;   ///< −1: there is no such file
        std::int64_t modified_ns = 0;
        std::int64_t changed_ns = 0;
        friend bool operator==(const Signature&, const Signature&) = default;
    };
    [[nodiscard]] Signature look() const;
    void watch_folders();

    std::string path_;
    int inotify_ = -1;
    Signature seen_;      ///< the last that was reported
    Signature latest_;
    bool pending_ = false;
    Clock::time_point since_{};   ///< of the latest change
    Clock::time_point first_{};   ///< of the first that waits
};

}  // namespace stemwire::session
