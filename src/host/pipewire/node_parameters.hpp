// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <spa/pod/pod.h>

#include "host/live_host.hpp"

namespace stemwire::host {

/// PipeWire's parameters as the server wants them, and the memory that they lie in.
class Pods {
public:
    /// Room for one more; what is built there is added.
    template <class Build>
    void add(std::size_t size, Build&& build)
    {
        memory_.push_back(std::make_unique<std::byte[]>(size));
        pods_.push_back(build(memory_.back().get(), size));
    }
    /// As pw_filter_connect takes them.
    [[nodiscard]] const spa_pod** data() noexcept { return pods_.data(); }
    [[nodiscard]] std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(pods_.size()); }

private:
    std::vector<std::unique_ptr<std::byte[]>> memory_;
    std::vector<const spa_pod*> pods_;
};

/// A node's live parameters as its properties in the server: `PropInfo` for each, and `Props` with the values of all under `params`, in the parameter's
/// own number. A gain of −∞ is shown as the lowest gain that is shown, and that one is read as −∞.
class NodeParameters {
public:
    /// dB; below what 24 bits hold (−144), so that nothing that can be heard is called off.
    static constexpr double lowest_gain = -200.0;

    explicit NodeParameters(const std::vector<HostedParameters>& parameters);

    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
    /// All there is to say about a node.
    [[nodiscard]] Pods describe();
    /// The values alone, if one has changed since they were last said; else nothing.
    [[nodiscard]] Pods changes();
    /// What somebody sets by `Props`, a name at a time; names that the node has not are left out.
    void read(const spa_pod& props, const std::function<void(const std::string& address, double value)>& wish) const;

private:
    struct Row {
        std::string name;  ///< prefix and address
        LiveValue* value;
        double said = 0;
    };
    void add_info(Pods& pods, const Row& row) const;
    void add_values(Pods& pods);

    std::vector<Row> rows_;
};

}  // namespace stemwire::host
