// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/jack/jack_client.hpp"

#include <algorithm>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

namespace stemwire::host {

namespace {

/// As long as what is linked on a live graph takes in the PipeWire host: short, and no click.
constexpr float fade_seconds = 0.005f;

std::string no_server(jack_status_t status)
{
    if ((status & JackServerFailed) != 0)
        return "cannot connect to the JACK server: is it running? start it (jackd -d alsa, or -d dummy), or start stemwire with pw-jack where PipeWire runs; "
               "`--private` with the backend pipewire needs none";
    if ((status & JackVersionError) != 0) return "the JACK server speaks another version of the protocol than libjack";
    return "the JACK server accepts no more clients (jackd's limit is 64; --jack-clients one needs a single one)";
}

}  // namespace

JackNews::JackNews() : fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

JackNews::~JackNews()
{
    if (fd >= 0) close(fd);
}

void JackNews::ring() const noexcept
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(fd, &one, sizeof one);
}

void JackNews::hear() const noexcept
{
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(fd, &count, sizeof count);
}

JackPort::JackPort(JackClient& client, jack_port_t* handle, bool is_input, bool open)
    : client_(client), handle_(handle), name_(client.jack().port_name(handle)), gate_(open)
{
    if (is_input) faded_ = std::make_unique<float[]>(largest_quantum);
}

JackPort::~JackPort()
{
    if (!client_.ending_ && !client_.shared_.news.lost) client_.jack().port_unregister(client_.handle_, handle_);
}

float* JackPort::buffer(std::uint32_t frames) noexcept
{
    return static_cast<float*>(client_.jack().port_get_buffer(handle_, frames));
}

const float* JackPort::read(std::uint32_t frames) noexcept
{
    const float* heard = buffer(frames);
    if (heard == nullptr || gate_.passes() || frames > largest_quantum) return heard;
    gate_.run(heard, faded_.get(), frames, fade_seconds * static_cast<float>(client_.rate_hz()));
    return faded_.get();
}

void JackPort::fade(float* written, std::uint32_t frames) noexcept
{
    if (!gate_.passes()) gate_.run(written, written, frames, fade_seconds * static_cast<float>(client_.rate_hz()));
}

void JackShift::run(const CycleStart& start, std::uint32_t frames) noexcept
{
    for (std::size_t slot = 0; slot < inputs.size(); ++slot) input_buffers[slot] = inputs[slot] ? inputs[slot]->read(frames) : nullptr;
    for (std::size_t slot = 0; slot < outputs.size(); ++slot) output_buffers[slot] = outputs[slot] ? outputs[slot]->buffer(frames) : nullptr;
    runner->run(start, input_buffers, output_buffers, frames);
    for (std::size_t slot = 0; slot < outputs.size(); ++slot)
        if (output_buffers[slot] != nullptr) outputs[slot]->fade(output_buffers[slot], frames);
    cycles->fetch_add(1, std::memory_order_relaxed);
}

JackClient::JackClient(jack_client_t* handle, Role role, const Shared& shared)
    : shared_(shared), role_(role), handle_(handle), rate_hz_(shared.jack.get_sample_rate(handle))
{
}

Expected<std::unique_ptr<JackClient>> JackClient::open(const std::string& name, Role role, const Shared& shared)
{
    const Libjack& jack = shared.jack;
    if (static_cast<int>(name.size()) >= jack.client_name_size())
        return failure("node " + name + ": JACK takes names of at most " + std::to_string(jack.client_name_size() - 1) + " letters");
    jack_status_t status{};
    jack_client_t* handle = shared.server.empty()
                                ? jack.client_open(name.c_str(), JackNoStartServer, &status)
                                : jack.client_open(name.c_str(), static_cast<jack_options_t>(JackNoStartServer | JackServerName), &status, shared.server.c_str());
    if (handle == nullptr) return failure(no_server(status));
    std::unique_ptr<JackClient> client(new JackClient(handle, role, shared));
    client->listen();
    return client;
}

JackClient::~JackClient()
{
    end();
    shared_.jack.client_close(handle_);
}

void JackClient::end()
{
    ending_ = true;
    if (std::exchange(active_, false) && !shared_.news.lost) shared_.jack.deactivate(handle_);
}

void JackClient::listen()
{
    const Libjack& jack = shared_.jack;
    jack.on_info_shutdown(
        handle_,
        [](jack_status_t, const char*, void* data) {
            auto& news = *static_cast<JackNews*>(data);
            news.lost = true;
            news.ring();
        },
        &shared_.news);
    if (watches()) watch();
    if (!plays()) return;
    jack.set_process_callback(
        handle_,
        [](jack_nframes_t frames, void* data) {
            static_cast<JackClient*>(data)->process(frames);
            return 0;
        },
        this);
    jack.set_latency_callback(
        handle_, [](jack_latency_callback_mode_t mode, void* data) { static_cast<JackClient*>(data)->ask_latencies(mode); }, this);
}

void JackClient::watch()
{
    const Libjack& jack = shared_.jack;
    jack.set_port_registration_callback(
        handle_,
        [](jack_port_id_t, int registered, void* data) {
            auto& news = *static_cast<JackNews*>(data);
            if (registered == 0) ++news.unregistered;
            news.changed = true;
            news.ring();
        },
        &shared_.news);
    jack.set_port_connect_callback(
        handle_,
        [](jack_port_id_t, jack_port_id_t, int, void* data) {
            auto& news = *static_cast<JackNews*>(data);
            news.changed = true;
            news.ring();
        },
        &shared_.news);
    jack.set_buffer_size_callback(handle_, [](jack_nframes_t frames, void* data) { return static_cast<JackNews*>(data)->quantum = frames, 0; }, &shared_.news);
    jack.set_sample_rate_callback(handle_, [](jack_nframes_t rate, void* data) { return static_cast<JackNews*>(data)->rate_hz = rate, 0; }, &shared_.news);
    jack.set_xrun_callback(handle_, [](void* data) { return ++static_cast<JackNews*>(data)->xruns, 0; }, &shared_.news);
    shared_.news.quantum = jack.get_buffer_size(handle_);
    shared_.news.rate_hz = rate_hz_;
}

Expected<void> JackClient::activate()
{
    if (shared_.jack.activate(handle_) != 0) return failure("the JACK server does not activate " + name());
    active_ = true;
    // From 1.4 on PipeWire asks for latencies when something changes, and not when a client becomes active.
    if (latencies_ && shared_.jack.of_pipewire) shared_.jack.recompute_total_latencies(handle_);
    return {};
}

Expected<std::shared_ptr<JackPort>> JackClient::add_port(const std::string& short_name, bool is_input, bool open)
{
    jack_port_t* handle = shared_.jack.port_register(handle_, short_name.c_str(), JACK_DEFAULT_AUDIO_TYPE, is_input ? JackPortIsInput : JackPortIsOutput, 0);
    if (handle == nullptr) return failure("the JACK server refuses the port " + name() + ":" + short_name + " (jackd takes 768 ports a client: jackd -p)");
    return std::make_shared<JackPort>(*this, handle, is_input, open);
}

void JackClient::process(std::uint32_t frames) noexcept
{
    if (leaving_ && handover_.retire(leaving_.get())) static_cast<void>(leaving_.release());
    if (!leaving_)
        if (JackRoster* next = handover_.take(); next != nullptr) {
            leaving_ = std::move(roster_);
            roster_.reset(next);
        }
    if (!roster_) return;
    const Frames clock = shared_.clock.enter(shared_.jack.last_frame_time(handle_), frames, seen_, rate_hz_);
    seen_ = clock + frames;
    jack_position_t position{};
    const bool rolling = shared_.jack.transport_query(handle_, &position) == JackTransportRolling;
    const CycleStart start(clock, {rolling, position.frame});
    shared_.transport.see(start, frames);
    for (JackShift& shift : roster_->shifts) shift.run(start, frames);
}

void JackClient::set_latencies(std::shared_ptr<const JackLatencies> latencies)
{
    const bool same = latencies_ && latencies_->nodes == latencies->nodes;
    {
        const std::lock_guard lock(latencies_mutex_);
        latencies_.swap(latencies);
    }
    // Asked of each client: PipeWire computes for the one that asks only.
    if (active_ && !same) shared_.jack.recompute_total_latencies(handle_);
}

/// What all that is linked to this port says. Of our own ports it is what they were told in this round: jackd and PipeWire would both be a round behind,
/// or more. Of others jackd is asked; PipeWire has it at hand of the port itself, and what it says of the others may be older.
jack_latency_range_t JackClient::heard_latency(jack_port_t* port, jack_latency_callback_mode_t mode, const ToldLatencies& told) const
{
    jack_latency_range_t range{0, 0};
    const char** peers = shared_.jack.port_get_all_connections(handle_, port);
    for (const char** peer = peers; peer != nullptr && *peer != nullptr; ++peer) {
        jack_latency_range_t said{};
        if (const auto ours = told.find(*peer); ours != told.end()) {
            said = ours->second;
        } else {
            jack_port_t* const asked = shared_.jack.of_pipewire ? port : shared_.jack.port_by_name(handle_, *peer);
            if (asked == nullptr) continue;
            shared_.jack.port_get_latency_range(asked, mode, &said);
        }
        range.min = peer == peers ? said.min : std::min(range.min, said.min);
        range.max = std::max(range.max, said.max);
    }
    if (peers != nullptr) shared_.jack.free(peers);
    return range;
}

/// On JACK's thread. PipeWire's libjack (0.3.65) calls from the thread of its connection without the lock on it, and what is told there and then would be written
/// into whatever another thread is writing to the server; told from any other thread it is written in its turn. In jackd the answer is due at once.
void JackClient::ask_latencies(jack_latency_callback_mode_t mode)
{
    if (!shared_.jack.of_pipewire) return tell_latencies(mode);
    (mode == JackCaptureLatency ? asked_downstream_ : asked_upstream_) = true;
    shared_.news.latencies = true;
    shared_.news.ring();
}

void JackClient::answer_latencies()
{
    if (asked_downstream_.exchange(false)) tell_latencies(JackCaptureLatency);
    if (asked_upstream_.exchange(false)) tell_latencies(JackPlaybackLatency);
}

void JackClient::tell_latencies(jack_latency_callback_mode_t mode)
{
    std::shared_ptr<const JackLatencies> latencies;
    {
        const std::lock_guard lock(latencies_mutex_);
        latencies = latencies_;
    }
    if (!latencies) return;
    const bool downstream = mode == JackCaptureLatency;
    ToldLatencies told;
    const auto tell = [&](const JackLatencies::Node& node) {
        const auto& heard = downstream ? node.inputs : node.outputs;
        jack_latency_range_t all{};
        for (std::size_t port = 0; port < heard.size(); ++port) {
            const jack_latency_range_t range = heard_latency(heard[port], mode, told);
            all.min = port == 0 ? range.min : std::min(all.min, range.min);
            all.max = std::max(all.max, range.max);
        }
        all.min += node.frames;
        all.max += node.frames;
        for (jack_port_t* port : downstream ? node.outputs : node.inputs) {
            shared_.jack.port_set_latency_range(port, mode, &all);
            told[shared_.jack.port_name(port)] = all;
        }
    };
    if (downstream) std::ranges::for_each(latencies->nodes, tell);
    else std::for_each(latencies->nodes.rbegin(), latencies->nodes.rend(), tell);
}

}  // namespace stemwire::host
