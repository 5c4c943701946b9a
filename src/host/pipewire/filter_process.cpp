// SPDX-License-Identifier: GPL-3.0-or-later
// What a node of ours does in every cycle, on the server's data loop.
#include <algorithm>

#include "host/pipewire/filter_ports.hpp"
#include "rt/trace.hpp"

namespace stemwire::host {

namespace {

const rt::trace::Name loop_name = rt::trace::name("thread", "data loop");
const rt::trace::Name wait_mark = rt::trace::name("host", "wait", "us_since_cycle_began");

/// When the data loop that this thread is was done with its last node.
thread_local constinit rt::trace::Nanoseconds done_at = 0;

/// What lies between two nodes: PipeWire's work, and sleep.
void mark_wait(const spa_io_clock& clock) noexcept
{
    const rt::trace::Nanoseconds now = rt::trace::now();
    rt::trace::call_thread(loop_name);
    if (done_at != 0) rt::trace::span(wait_mark, done_at, now, (now - static_cast<rt::trace::Nanoseconds>(clock.nsec)) / 1000);
}

/// What a link begins or ends to carry fades over 5 ms: short enough for a cut, long enough not to click.
constexpr double fade_seconds = 0.005;

float fade_frames(const spa_io_clock& clock) noexcept
{
    const double rate_hz = clock.rate.num != 0 ? static_cast<double>(clock.rate.denom) / clock.rate.num : 48000.0;
    return static_cast<float>(fade_seconds * rate_hz);
}

/// Shared memory that the driver writes when a cycle begins.
std::uint64_t position_now(const spa_io_position& position) noexcept
{
    return __atomic_load_n(&position.clock.position, __ATOMIC_RELAXED);
}

/// As JACK's clients under PipeWire are told. While all get ready to roll, the first frame is still to come.
rt::GraphPlace graph_place(const spa_io_position& position) noexcept
{
    const spa_io_segment& segment = position.segments[0];
    const auto running = static_cast<std::int64_t>(position.clock.position) - position.offset - static_cast<std::int64_t>(segment.start);
    const auto into = running > 0 ? static_cast<Frames>(static_cast<double>(running) * segment.rate) : 0;
    return {position.state == SPA_IO_POSITION_STATE_RUNNING && running >= 0, segment.position + into};
}

}  // namespace

void FilterNode::Port::set_open(bool open)
{
    if (!open && direction == SPA_DIRECTION_INPUT && !memory) {
        memory = std::make_unique<float[]>(largest_quantum);
        scratch.store(memory.get(), std::memory_order_release);
    }
    gate.set_open(open);
}

/// What is heard of an input: its buffer itself while the gate is open, else a copy, since the buffer is its writer's.
const float* FilterNode::Port::let_in(const float* buffer, std::uint32_t frames, float fade_frames) noexcept
{
    if (gate.passes()) return buffer;
    float* copy = scratch.load(std::memory_order_acquire);
    if (buffer == nullptr || copy == nullptr || frames > largest_quantum) {
        gate.jump();
        return nullptr;
    }
    gate.run(buffer, copy, frames, fade_frames);
    return copy;
}

void FilterNode::Port::let_out(float* buffer, std::uint32_t frames, float fade_frames) noexcept
{
    if (gate.passes()) return;
    if (buffer != nullptr) gate.run(buffer, buffer, frames, fade_frames);
    else gate.jump();
}

/// What pw_filter_get_dsp_buffer gives, but nothing where the cycle is longer than the buffer: a client's have 8192 frames, and a server
/// may be told to go beyond (default.clock.quantum-limit).
float* FilterNode::dsp_buffer(const Port& port, std::uint32_t frames) noexcept
{
    pw_buffer* buffer = pw_filter_dequeue_buffer(port.handle);
    if (buffer == nullptr) return nullptr;
    const spa_data& data = buffer->buffer->datas[0];
    const bool fits = data.maxsize / sizeof(float) >= frames;
    if (port.direction == SPA_DIRECTION_OUTPUT)
        *data.chunk = {.offset = 0, .size = fits ? frames * static_cast<std::uint32_t>(sizeof(float)) : 0, .stride = sizeof(float), .flags = 0};
    pw_filter_queue_buffer(port.handle, buffer);
    return fits ? static_cast<float*>(data.data) : nullptr;
}

/// A node that is woken a second time in one cycle (when a cycle begins before the last is over, or the driver changes) has done its work, and time has not
/// moved. But buffers go round all the same: an input's that is not given back is lost to the server's mixer for good, and an output's that is not
/// given is silence to who has not heard it yet.
void FilterNode::repeat(Seating& seating, std::uint32_t frames) noexcept
{
    for (const Port* port : seating.inputs)
        if (port != nullptr) dsp_buffer(*port, frames);
    for (Port* port : seating.outputs) {
        float* buffer = port != nullptr ? dsp_buffer(*port, frames) : nullptr;
        if (buffer == nullptr || port->written == nullptr || buffer == port->written) continue;
        std::copy_n(port->written, frames, buffer);
        port->written = buffer;
    }
}

/// Where the same driver goes on, each cycle that this node was not woken for is one that it missed.
void FilterNode::begin_cycle(std::uint32_t driver, Frames clock, std::uint32_t frames) noexcept
{
    if (driver == driver_ && clock > clock_ + frames_) shared_.clock.missed(clock_ + frames_, clock);
    driver_ = driver;
    clock_ = clock;
    frames_ = frames;
}

void FilterNode::process(const spa_io_position* position) noexcept
{
    if (position == nullptr) return;
    const std::uint64_t began = position_now(*position);
    const Frames clock = shared_.clock.enter(position->clock);
    const auto frames = static_cast<std::uint32_t>(position->clock.duration);
    const float fade = fade_frames(position->clock);
    Seating& seating = *seating_.load(std::memory_order_acquire);
    if (clock == clock_) return repeat(seating, frames);
    begin_cycle(position->clock.id, clock, frames);
    const CycleStart start(clock, graph_place(*position));
    shared_.transport.see(start, frames);
    if (rt::trace::on()) mark_wait(position->clock);
    for (std::size_t slot = 0; slot < seating.inputs.size(); ++slot) {
        Port* port = seating.inputs[slot];
        seating.input_buffers[slot] = port != nullptr ? port->let_in(dsp_buffer(*port, frames), frames, fade) : nullptr;
    }
    for (std::size_t slot = 0; slot < seating.outputs.size(); ++slot) {
        Port* port = seating.outputs[slot];
        seating.output_buffers[slot] = port != nullptr ? dsp_buffer(*port, frames) : nullptr;
        if (port != nullptr) port->written = seating.output_buffers[slot];
    }
    seating.runner->run(start, seating.input_buffers, seating.output_buffers, frames);
    for (std::size_t slot = 0; slot < seating.outputs.size(); ++slot)
        if (seating.outputs[slot] != nullptr) seating.outputs[slot]->let_out(seating.output_buffers[slot], frames, fade);
    // The next cycle has begun: whoever waited for this one has gone without it.
    if (position_now(*position) != began) shared_.clock.missed(clock, clock + frames);
    thread_.store(pthread_self(), std::memory_order_relaxed);
    cycles_.store(cycles_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (rt::trace::on()) done_at = rt::trace::now();
}

}  // namespace stemwire::host
