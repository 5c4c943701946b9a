// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/tracing.hpp"

#include "cli/terminal.hpp"

namespace stemwire::cli {

Expected<std::unique_ptr<rt::trace::TraceFile>> open_trace(const Arguments& arguments)
{
    const auto path = arguments.value("trace");
    if (!path) return nullptr;
    return rt::trace::TraceFile::open(*path);
}

void close_trace(rt::trace::TraceFile* trace)
{
    if (trace == nullptr) return;
    if (const auto closed = trace->close(); !closed) print_error(closed.error().message);
    if (trace->lost() > 0) say("the trace lacks " + std::to_string(trace->lost()) + " markers that came too fast");
}

}  // namespace stemwire::cli
