// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "cli/options.hpp"
#include "rt/trace_file.hpp"

namespace stemwire::cli {

/// `--trace FILE`, of every command that computes sound.
constexpr Option trace_option{"trace", "FILE", "write what each thread does when, for https://ui.perfetto.dev"};

/// Traces from now on, if the options say so; null where they do not.
[[nodiscard]] Expected<std::unique_ptr<rt::trace::TraceFile>> open_trace(const Arguments& arguments);

/// Ends the trace, if there is one, and says what the file lacks.
void close_trace(rt::trace::TraceFile* trace);

}  // namespace stemwire::cli
