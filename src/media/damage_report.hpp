// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace stemwire::media {

/// `12.34 s`: where a frame stands.
[[nodiscard]] std::string time_text(std::uint64_t frame, int rate_hz);

/// What a reader has to say of its file: the first thing that is wrong with it, once. Thread: any but realtime, one at a time.
class DamageReport {
public:
    explicit DamageReport(std::string path) : path_(std::move(path)) {}

    /// `what` follows the file's name.
    void tell(const std::string& what);
    /// Something is lost at this frame. `frame` and `length` count from the file's beginning.
    void tell_damage(std::uint64_t frame, int rate_hz);
    /// The file ends at this frame, though it says that it has `length`; false where the difference is not worth a message.
    bool tell_early_end(std::uint64_t frame, std::uint64_t length, int rate_hz);

    [[nodiscard]] std::optional<std::string> take();

private:
    std::string path_;
    std::optional<std::string> message_;
    bool told_ = false;
    std::uint64_t damaged_at_ = 0;
};

}  // namespace stemwire::media
