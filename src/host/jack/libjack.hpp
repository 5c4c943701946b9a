// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <jack/jack.h>
#include <jack/transport.h>

#include "stemwire/error.hpp"

namespace stemwire::host {

/// The functions of libjack that we call, by their names without `jack_`. They are looked up when the backend is asked for, and which libjack has them
/// (jackd2's, or PipeWire's under pw-jack) is the dynamic linker's choice: neither is needed to build or to start.
struct Libjack {
#define STEMWIRE_EACH_JACK_FUNCTION(X) \
    X(client_open) \
    X(client_close) \
    X(client_name_size) \
    X(get_client_name) \
    X(activate) \
    X(deactivate) \
    X(set_process_callback) \
    X(set_latency_callback) \
    X(set_buffer_size_callback) \
    X(set_sample_rate_callback) \
    X(set_xrun_callback) \
    X(set_port_registration_callback) \
    X(set_port_connect_callback) \
    X(on_info_shutdown) \
    X(set_error_function) \
    X(set_info_function) \
    X(get_sample_rate) \
    X(get_buffer_size) \
    X(is_realtime) \
    X(last_frame_time) \
    X(port_register) \
    X(port_unregister) \
    X(port_get_buffer) \
    X(port_by_name) \
    X(port_flags) \
    X(port_name) \
    X(port_name_size) \
    X(port_get_all_connections) \
    X(port_get_latency_range) \
    X(port_set_latency_range) \
    X(recompute_total_latencies) \
    X(get_ports) \
    X(connect) \
    X(disconnect) \
    X(free) \
    X(transport_query) \
    X(transport_start) \
    X(transport_stop) \
    X(transport_locate)
#define STEMWIRE_JACK_FUNCTION(name) decltype(&::jack_##name) name = nullptr;
    STEMWIRE_EACH_JACK_FUNCTION(STEMWIRE_JACK_FUNCTION)
#undef STEMWIRE_JACK_FUNCTION
    decltype(&::jack_get_version_string) get_version_string = nullptr;  ///< null in old PipeWires
    bool of_pipewire = false;
};

/// Loads libjack once, for good. The error says what to install. Silences what libjack would print by itself.
/// Guarantee: blocking. Thread: the main loop.
[[nodiscard]] Expected<const Libjack*> load_libjack();
/// The same of the libjack that PipeWire brings, beside the PipeWire library that is in use.
[[nodiscard]] Expected<const Libjack*> load_pipewires_libjack();

}  // namespace stemwire::host
