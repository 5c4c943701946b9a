// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "stemwire/error.hpp"

namespace stemwire::media {

/// A file that comes into being only when it is whole: it is written beside, under a name of its own, and renamed. Something that is
/// there and is no regular file (a device, a pipe) is written into straight away. A link is followed.
class OutputFile {
public:
    enum class Appears {
        when_whole,
        at_once,  ///< under its own name from the start, and stays whatever happens
    };

    /// Nothing is created yet.
    explicit OutputFile(std::string path, Appears appears = Appears::when_whole);
    /// Removes what was written, unless it was committed or appeared at once.
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// Where to write.
    [[nodiscard]] const std::string& temporary() const noexcept { return temporary_; }
    /// Creates the temporary file, empty, and returns its descriptor, which is the caller's.
    [[nodiscard]] Expected<int> open();
    [[nodiscard]] Expected<void> commit();
    /// `PATH cannot be written: REASON`.
    [[nodiscard]] tl::unexpected<Error> failed(const std::string& reason) const;

private:
    std::string path_;       ///< as it was asked for
    std::string target_;     ///< where a link leads to
    std::string temporary_;
    bool committed_ = false;
};

}  // namespace stemwire::media
