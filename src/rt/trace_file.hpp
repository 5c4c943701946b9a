// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "rt/trace_rings.hpp"
#include "stemwire/error.hpp"

namespace stemwire::rt::trace {

/// While it lives, all markers of this program go to a file of Chrome's trace format (JSON), which https://ui.perfetto.dev and chrome://tracing show.
/// Times in the file are microseconds since it was opened. One at a time. Thread: any but realtime; a thread of its own writes.
/// Format: "Trace Event Format", Google, sections "JSON Object Format", "Complete Events", "Instant Events" and "Metadata Events".
class TraceFile {
public:
    [[nodiscard]] static Expected<std::unique_ptr<TraceFile>> open(const std::string& path);
    ~TraceFile();
    TraceFile(const TraceFile&) = delete;
    TraceFile& operator=(const TraceFile&) = delete;

    /// Ends the trace, writes what is left, and says what went wrong with the file, if anything. Later calls do nothing.
    Expected<void> close();
    /// Markers that found their thread's ring full, so far.
    [[nodiscard]] std::uint64_t lost() const noexcept { return rings_.lost.load(std::memory_order_relaxed) - lost_before_; }

private:
    TraceFile(const std::string& path, std::ofstream file);

    void write_until_closed();
    void drain();
    void add(std::size_t ring, const Event& event);
    void add_thread(std::size_t ring);
    const NameText& text(Name name);

    std::string path_;
    std::ofstream file_;
    Rings& rings_;
    std::uint64_t lost_before_;
    Nanoseconds begun_;
    std::string lines_;                        ///< not yet in the file
    std::vector<bool> named_;                  ///< [ring]
    std::map<Name, NameText> texts_;           ///< escaped
    std::mutex mutex_;                         // guards closing_
    std::condition_variable closed_;
    bool closing_ = false;
    std::thread writer_;
};

}  // namespace stemwire::rt::trace
