// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/node_runner.hpp"

#include <algorithm>
#include <chrono>

#include "rt/denormals.hpp"

namespace stemwire::host {

namespace {

/// Long enough to hide a change, short enough to feel immediate.
constexpr double handover_seconds = 0.02;
/// A tail that never ends must not keep a node for ever.
constexpr double longest_tail_seconds = 60;

/// A gain that is 0 for `wait` frames and goes to 1 within `length` more, seen from frame `at` on.
struct Rise {
    Frames at;
    std::uint32_t length;
    Frames wait = 0;

    [[nodiscard]] float operator()(std::uint32_t frame) const noexcept
    {
        return at + frame < wait ? 0.0f : std::min(1.0f, static_cast<float>(at + frame - wait) / static_cast<float>(length));
    }
};

std::uint32_t longest(const std::vector<std::uint32_t>& delays)
{
    return delays.empty() ? 0 : std::ranges::max(delays);
}

/// Buffers apart from the server's, by slot.
struct Apart {
    Apart(std::size_t slots, std::uint32_t frames)
    {
        for (std::size_t slot = 0; slot < slots; ++slot) memory.push_back(std::make_unique_for_overwrite<float[]>(frames));
        for (const auto& buffer : memory) pointers.push_back(buffer.get());
    }
    std::vector<std::unique_ptr<float[]>> memory;
    std::vector<float*> pointers;
};

}  // namespace

/// A seat that comes, or, once it is taken, the one that goes, with what it takes to run both.
struct NodeRunner::Change {
    Change(std::size_t input_slots, std::size_t output_slots, std::uint32_t frames)
        : inputs(input_slots, frames), outputs(output_slots, frames), led(input_slots, nullptr)
    {
    }
    std::unique_ptr<Seat> seat;
    std::uint32_t fade_frames = 0;
    Frames warm_frames = 0;         ///< that the new one hears before it is heard, where outputs are faded: what it says at first is nothing
    Frames tail_frames = 0;         ///< 0: outputs are faded; else inputs are, and the old node rings for this long
    Apart inputs;                   ///< what one of the two hears while the input is led over
    Apart outputs;                  ///< what the old one says
    std::vector<const float*> led;  ///< [input slot]
};

NodeRunner::NodeRunner(std::string name, std::shared_ptr<Node> node, Ports ports, const rt::TransportSchedule& transport)
    : name_(std::move(name)), mark_(rt::trace::name("node", name_, "clock")), node_(std::move(node)), ports_(std::move(ports)),
      input_names_(port_names(ports_.inputs)), output_names_(port_names(ports_.outputs)),
      slots_{find_slots(input_names_, ports_.inputs), find_slots(output_names_, ports_.outputs)}, transport_(transport)
{
}

NodeRunner::NodeRunner(std::string name, Node& node, const Ports& ports, const rt::TransportSchedule& transport)
    : NodeRunner(std::move(name), std::shared_ptr<Node>(std::shared_ptr<void>(), &node), ports, transport)
{
}

NodeRunner::~NodeRunner() = default;

std::vector<std::uint32_t> NodeRunner::find_slots(std::vector<std::string>& names, const std::vector<PortGroup>& groups)
{
    std::vector<std::uint32_t> slots;
    for (const std::string& name : port_names(groups)) {
        const auto found = std::ranges::find(names, name);
        slots.push_back(static_cast<std::uint32_t>(found - names.begin()));
        if (found == names.end()) names.push_back(name);
    }
    return slots;
}

std::unique_ptr<Seat> NodeRunner::make_seat(const Delays& delays) const
{
    return std::make_unique<Seat>(node_, slots_, delays, max_frames_, handover_frames_, faults_);
}

void NodeRunner::prepare(std::uint32_t max_frames, std::span<const std::uint32_t> input_delays, std::span<const std::uint32_t> output_delays, double rate_hz)
{
    suspend();
    handover_.withdraw();
    handover_.collect();
    change_.reset();
    phase_ = Phase::steady;
    fading_over_.store(false, std::memory_order_relaxed);
    max_frames_ = max_frames;
    handover_frames_ = static_cast<std::uint32_t>(seconds_to_frames(handover_seconds, rate_hz));
    seat_ = make_seat({{input_delays.begin(), input_delays.end()}, {output_delays.begin(), output_delays.end()}});
    latest_ = seat_.get();
    prepared_.store(true, std::memory_order_release);
}

void NodeRunner::replace(Replacement replacement)
{
    collect();
    const double rate_hz = handover_frames_ / handover_seconds;
    const bool hears = channel_count(ports_.inputs) > 0 && channel_count(replacement.ports.inputs) > 0;
    const Frames tail = hears ? std::max(node_->tail(), replacement.node->tail()) + std::max(node_->latency(), replacement.node->latency()) : 0;
    node_ = std::move(replacement.node);
    ports_ = std::move(replacement.ports);
    slots_ = {find_slots(input_names_, ports_.inputs), find_slots(output_names_, ports_.outputs)};
    auto change = std::make_unique<Change>(input_names_.size(), output_names_.size(), max_frames_);
    change->seat = make_seat(replacement.delays);
    change->warm_frames = node_->latency() + longest(replacement.delays.inputs) + longest(replacement.delays.outputs);
    change->fade_frames = handover_frames_;
    if (tail > handover_frames_) change->tail_frames = std::min(tail, seconds_to_frames(longest_tail_seconds, rate_hz));
    latest_ = change->seat.get();
    // Taken back first: what is offered must never be taken at another's time.
    handover_.withdraw();
    change_from_.store(replacement.from_clock, std::memory_order_relaxed);
    handover_.offer(std::move(change));
}

void NodeRunner::change_delays(const Delays& delays)
{
    if (latest_ != nullptr) latest_->change_delays(delays);
}

void NodeRunner::collect()
{
    handover_.collect();
    if (latest_ != nullptr) latest_->collect();
}

bool NodeRunner::changing() const noexcept
{
    return !handover_.taken() || fading_over_.load(std::memory_order_acquire);
}

void NodeRunner::run(const CycleStart& start, std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t frames) noexcept
{
    if (!prepared_.load(std::memory_order_acquire)) {
        for (float* output : outputs)
            if (output != nullptr) std::fill_n(output, frames, 0.0f);
        return;
    }
    const rt::FlushDenormals flush;
    const EnterAudioThread role;
    const auto begin = std::chrono::steady_clock::now();
    for (std::uint32_t offset = 0; offset < frames; offset += max_frames_)
        run_piece(start.after(offset), {inputs, offset}, {outputs, offset}, std::min(max_frames_, frames - offset));
    const auto end = std::chrono::steady_clock::now();
    count(start.clock, static_cast<std::uint64_t>(std::chrono::nanoseconds(end - begin).count()));
    if (rt::trace::on()) rt::trace::span(mark_, rt::trace::nanoseconds(begin), rt::trace::nanoseconds(end), start.clock);
}

void NodeRunner::run_piece(const CycleStart& start, Slotted<const float> inputs, Slotted<float> outputs, std::uint32_t frames) noexcept
{
    const TransportCycle cycle = transport_.cycle(start.clock, frames, transport_memory_, start.graph);
    begin_change(start.clock);
    switch (phase_) {
    case Phase::steady: seat_->process(cycle, inputs, outputs, frames); break;
    case Phase::fading: run_fading(cycle, inputs, outputs, frames); break;
    case Phase::ringing:
    case Phase::hurrying: run_ringing(cycle, inputs, outputs, frames); break;
    }
    if (phase_ == Phase::steady)
        for (std::size_t slot = 0; slot < outputs.buffers.size(); ++slot)
            if (float* output = outputs[slot]; output != nullptr && !seat_->writes(slot)) std::fill_n(output, frames, 0.0f);
    advance_change(frames);
    fade(outputs, frames);
}

void NodeRunner::begin_change(Frames clock) noexcept
{
    if (phase_ == Phase::fading || phase_ == Phase::hurrying || handover_.taken() || clock < change_from_.load(std::memory_order_relaxed)) return;
    faded_over_ = 0;
    if (phase_ == Phase::ringing) {
        phase_ = Phase::hurrying;
        return;
    }
    fading_over_.store(true, std::memory_order_release);
    change_.reset(handover_.take());
    if (!change_) return fading_over_.store(false, std::memory_order_release);
    std::swap(seat_, change_->seat);
    phase_ = change_->tail_frames > 0 ? Phase::ringing : Phase::fading;
}

/// Both hear the same; what they say is faded.
void NodeRunner::run_fading(const TransportCycle& cycle, Slotted<const float> inputs, Slotted<float> outputs, std::uint32_t frames) noexcept
{
    const Rise rise{faded_over_, change_->fade_frames, change_->warm_frames};
    seat_->process(cycle, inputs, outputs, frames);
    change_->seat->process(cycle, inputs, {change_->outputs.pointers}, frames);
    for (std::size_t slot = 0; slot < outputs.buffers.size(); ++slot) {
        float* output = outputs[slot];
        if (output == nullptr) continue;
        if (!seat_->writes(slot)) std::fill_n(output, frames, 0.0f);
        else for (std::uint32_t i = 0; i < frames; ++i) output[i] *= rise(i);
        if (!change_->seat->writes(slot)) continue;
        const float* old = change_->outputs.pointers[slot];
        for (std::uint32_t i = 0; i < frames; ++i) output[i] += old[i] * (1.0f - rise(i));
    }
}

/// What there is to hear is led over from the old to the new, and the old rings on.
void NodeRunner::run_ringing(const TransportCycle& cycle, Slotted<const float> inputs, Slotted<float> outputs, std::uint32_t frames) noexcept
{
    Change& change = *change_;
    const Rise rise{faded_over_, change.fade_frames};
    const bool leading = phase_ == Phase::ringing && faded_over_ < change.fade_frames;
    const auto lead = [&](bool to_new) {
        for (std::size_t slot = 0; slot < change.led.size(); ++slot) {
            const float* input = inputs[slot];
            change.led[slot] = to_new ? input : nullptr;
            if (input == nullptr || !leading) continue;
            float* led = change.inputs.pointers[slot];
            for (std::uint32_t i = 0; i < frames; ++i) led[i] = input[i] * (to_new ? rise(i) : 1.0f - rise(i));
            change.led[slot] = led;
        }
    };
    lead(true);
    seat_->process(cycle, {change.led}, outputs, frames);
    lead(false);
    change.seat->process(cycle, {change.led}, {change.outputs.pointers}, frames);
    for (std::size_t slot = 0; slot < outputs.buffers.size(); ++slot) {
        float* output = outputs[slot];
        if (output == nullptr) continue;
        if (!seat_->writes(slot)) std::fill_n(output, frames, 0.0f);
        if (!change.seat->writes(slot)) continue;
        const float* old = change.outputs.pointers[slot];
        for (std::uint32_t i = 0; i < frames; ++i) output[i] += old[i] * (phase_ == Phase::hurrying ? 1.0f - rise(i) : 1.0f);
    }
}

void NodeRunner::advance_change(std::uint32_t frames) noexcept
{
    if (phase_ == Phase::steady) return;
    faded_over_ += frames;
    const bool led_over = faded_over_ >= change_->fade_frames;
    if (phase_ == Phase::ringing && led_over) fading_over_.store(false, std::memory_order_release);
    const Frames length = change_->fade_frames + (phase_ == Phase::ringing ? change_->tail_frames : phase_ == Phase::fading ? change_->warm_frames : 0);
    if (faded_over_ < length || !handover_.retire(change_.get())) return;
    static_cast<void>(change_.release());
    phase_ = Phase::steady;
    fading_over_.store(false, std::memory_order_release);
}

void NodeRunner::fade(Slotted<float> outputs, std::uint32_t frames) noexcept
{
    const std::uint32_t length = fade_frames_.load(std::memory_order_relaxed);
    if (length == 0) return;
    const Rise rise{faded_, length};
    for (std::size_t slot = 0; slot < outputs.buffers.size(); ++slot)
        if (float* output = outputs[slot]; output != nullptr)
            for (std::uint32_t i = 0; i < frames; ++i) output[i] *= 1.0f - rise(i);
    faded_ = std::min(length, faded_ + frames);
}

void NodeRunner::count(Frames clock, std::uint64_t nanoseconds) noexcept
{
    // Nobody else writes them: what is locked would wait until all that the node wrote has reached the cache.
    cycles_.store(cycles_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    busy_ns_.store(busy_ns_.load(std::memory_order_relaxed) + nanoseconds, std::memory_order_relaxed);
    if (nanoseconds > worst_ns_.load(std::memory_order_relaxed)) worst_ns_.store(nanoseconds, std::memory_order_relaxed);
    if (const auto question = questions_.load(std::memory_order_relaxed); question != question_) {
        question_ = question;
        spike_ns_ = 0;
    }
    if (nanoseconds <= spike_ns_) return;
    spike_ns_ = nanoseconds;
    spike_.set({question_, {static_cast<double>(nanoseconds) / 1e3, clock}});
}

Load NodeRunner::load() const noexcept
{
    const auto cycles = cycles_.load(std::memory_order_relaxed);
    const auto busy_us = static_cast<double>(busy_ns_.load(std::memory_order_relaxed)) / 1e3;
    return {cycles > 0 ? busy_us / static_cast<double>(cycles) : 0.0, static_cast<double>(worst_ns_.load(std::memory_order_relaxed)) / 1e3, cycles};
}

Spike NodeRunner::take_spike() noexcept
{
    const Answer answer = spike_.get();
    return answer.question == questions_.fetch_add(1, std::memory_order_relaxed) ? answer.spike : Spike{};
}

}  // namespace stemwire::host
