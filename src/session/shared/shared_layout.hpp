// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "host/clock_map.hpp"
#include "rt/published.hpp"
#include "rt/transport_schedule.hpp"

/// What lies in the memory that the processes of one session share. Only atomic words and records published word by word, none of them with an
/// address in it; each field has one process that writes it.
namespace stemwire::session::shared {

inline constexpr std::uint64_t magic = 0x73746d7773686432;  ///< changes with the layout
inline constexpr std::size_t most_nodes = 512;
inline constexpr std::size_t most_values = 65'536;   ///< of live parameters, of all nodes
inline constexpr std::size_t most_meters = 4'096;
inline constexpr std::size_t name_length = 64;

/// What sources are to be ready for, and at which rate nodes must be prepared for it.
struct CueRecord {
    Cue cue{};
    double rate_hz = 0;
    std::uint32_t quantum = 0;
};

struct MeterRecord {
    std::array<char, name_length> name{};
    std::atomic<bool> is_output{false};
    std::atomic<float> peak{0};
    std::atomic<float> mean_square{0};
};

/// One node. Its leader says where its values lie; its owner, the process that runs it, says how it is.
struct NodeRecord {
    // The leader's, fixed while a generation lasts.
    std::array<char, name_length> name{};
    std::uint64_t addresses = 0;                  ///< a hash of its parameters' addresses: both must mean the same
    std::uint32_t first_value = 0, values = 0;
    std::uint32_t first_meter = 0, meters = 0;    ///< room for them

    // The owner's.
    std::atomic<std::uint32_t> owner{0};          ///< pid; 0: nobody
    std::atomic<std::uint64_t> cued_epoch{0};     ///< the latest epoch that it is ready for
    std::atomic<std::uint32_t> latency{0};
    std::atomic<std::uint64_t> tail{0};
    std::atomic<std::uint64_t> end{endless};      ///< endless: none, or not known
    std::atomic<bool> end_known{true};
    std::atomic<bool> has_end{false};
    std::atomic<std::uint64_t> missing_frames{0};
    std::atomic<double> buffered_seconds{-1};     ///< −1: it decodes nothing
    std::atomic<double> load_mean_us{0}, load_worst_us{0};
    std::atomic<std::uint64_t> cycles{0};
    std::atomic<std::uint32_t> meters_used{0};
};

struct Layout {
    std::atomic<std::uint64_t> magic{0};          ///< written last: the memory is ready
    std::atomic<std::uint32_t> leader{0};         ///< pid; 0: it has gone
    rt::TransportSchedule schedule;
    rt::Published<host::ClockMap> clock;
    rt::Published<CueRecord> cue;
    /// Odd while the leader lays out nodes anew; readers begin again when it changes.
    std::atomic<std::uint64_t> generation{1};
    std::atomic<std::uint32_t> node_count{0};
    std::array<NodeRecord, most_nodes> nodes;
    std::array<std::atomic<double>, most_values> values;
    std::array<MeterRecord, most_meters> meters;
};

static_assert(std::atomic<double>::is_always_lock_free && std::atomic<std::uint64_t>::is_always_lock_free, "shared memory needs atomics without locks");

}  // namespace stemwire::session::shared
