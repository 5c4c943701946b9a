// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace stemwire {

/// A place in a text file; line and column count from 1, and 0 means that it is not known.
struct Mark {
    int line = 0;
    int column = 0;
    friend auto operator<=>(const Mark&, const Mark&) = default;
};

/// What went wrong off the realtime side: where it is, what is wrong, and what would be right.
struct Error {
    std::string message;
    std::string file{};  ///< empty where no file is to blame
    Mark mark{};
};

/// `FILE:LINE:COLUMN: error: MESSAGE`, without the parts that are not known; `kind` stands for `error`.
/// Guarantee: blocking. Thread: any but realtime.
[[nodiscard]] inline std::string to_string(const Error& error, std::string_view kind = "error")
{
    std::string text;
    if (!error.file.empty()) {
        text += error.file + ':';
        if (error.mark.line > 0) text += std::to_string(error.mark.line) + ':' + std::to_string(error.mark.column) + ':';
        text += ' ';
    }
    return text.append(kind) + ": " + error.message;
}

template <class T>
using Expected = tl::expected<T, Error>;

/// Shorthand for `return failure("what is wrong")`.
[[nodiscard]] inline tl::unexpected<Error> failure(std::string message)
{
    return tl::unexpected<Error>(Error{std::move(message)});
}

using Errors = std::vector<Error>;

}  // namespace stemwire
