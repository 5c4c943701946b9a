// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <deque>
#include <span>
#include <string>
#include <string_view>

#include "stemwire/settings.hpp"
#include "stemwire/thread_roles.hpp"

namespace stemwire {

/// One live parameter of one node: a published value, latest wins. Written by control, read by `process()`.
/// Guarantee of get and set: wait-free.
class LiveValue {
public:
    LiveValue(std::string address, const Parameter& parameter, double value)
        : address_(std::move(address)), parameter_(&parameter), value_(value) {}

    [[nodiscard]] double get() const noexcept { return value_.load(std::memory_order_relaxed); }
    /// The caller has checked the range.
    void set(double value) noexcept { value_.store(value, std::memory_order_relaxed); }

    [[nodiscard]] const std::string& address() const noexcept { return address_; }  ///< without the node: `drums.gain`
    [[nodiscard]] const Parameter& parameter() const noexcept { return *parameter_; }

private:
    std::string address_;
    const Parameter* parameter_;
    std::atomic<double> value_;
};

/// Every live parameter of a node by address, made from its settings: `gain`, `drums.gain`, `drums.to.main`, `eq.bands.1.gain`.
/// Addresses never move while it lives. Thread: construction and find off the realtime side.
class LiveParameters {
public:
    explicit LiveParameters(const Settings& settings);

    [[nodiscard]] LiveValue* find(std::string_view address) noexcept STEMWIRE_OFF(audio_thread);
    [[nodiscard]] const LiveValue* find(std::string_view address) const noexcept STEMWIRE_OFF(audio_thread);
    /// A parameter that the node knows it has; throws std::out_of_range where the table disagrees (a bug of ours).
    [[nodiscard]] const LiveValue& at(std::string_view address) const STEMWIRE_OFF(audio_thread);
    [[nodiscard]] std::deque<LiveValue>& all() noexcept { return values_; }
    [[nodiscard]] const std::deque<LiveValue>& all() const noexcept { return values_; }

private:
    void add(const Settings& settings, const std::string& prefix);
    std::deque<LiveValue> values_;
};

}  // namespace stemwire
