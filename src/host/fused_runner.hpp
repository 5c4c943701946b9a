// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "graph/graph.hpp"
#include "host/node_runner.hpp"

namespace stemwire::host {

/// Several nodes that stand in the server's graph as one: run one after the other in one callback, linked by buffers of their own.
/// Sounds the same to the bit as the nodes apart.
class FusedRunner final : public Runner {
public:
    /// A port of a node inside that leads out.
    struct Shown {
        std::string name;            ///< on the graph
        std::uint32_t member = gone; ///< index into `members`; `gone`: there was such a port, and its slot is empty
        std::uint32_t port = 0;
        Position position{};
        friend bool operator==(const Shown&, const Shown&) = default;
    };
    static constexpr std::uint32_t gone = UINT32_MAX;
    struct Plan {
        std::string name;
        std::vector<std::shared_ptr<NodeRunner>> members;  ///< in processing order
        std::vector<Slots> slots;            ///< [member]: where its ports are
        std::vector<graph::Wire> wires;      ///< among the members (indices into `members`), feedback marked
        std::vector<Shown> inputs;           ///< [slot]
        std::vector<Shown> outputs;          ///< [slot]
        std::uint32_t max_frames = largest_quantum;
        friend bool operator==(const Plan&, const Plan&) = default;
    };
    /// Allocates all that run needs.
    explicit FusedRunner(Plan plan);

    void run(const CycleStart& start, std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t frames) noexcept override;

    [[nodiscard]] const std::string& name() const noexcept override { return plan_.name; }
    /// One mono group for each port that is shown.
    [[nodiscard]] const Ports& ports() const noexcept override { return ports_; }
    [[nodiscard]] const Plan& plan() const noexcept { return plan_; }
    [[nodiscard]] Load load() const noexcept override;

private:
    struct Input {
        std::vector<const graph::Wire*> wires;
        std::ptrdiff_t shown = -1;      ///< the shown input that feeds it too, if any
        std::vector<float> sum;         ///< where more than one feeds it
    };
    struct Member {
        std::vector<Input> inputs;
        std::vector<std::vector<float>> outputs;  ///< [port][frame]
        std::vector<std::vector<float>> last;     ///< [port][frame] of the cycle before, where a feedback wire reads it
        std::vector<const float*> input_pointers;  ///< [slot]
        std::vector<float*> output_pointers;       ///< [slot]
    };

    void run_piece(const CycleStart& start, std::span<const float* const> inputs, std::span<float* const> outputs, std::uint32_t offset, std::uint32_t frames) noexcept;
    [[nodiscard]] const float* gather(Input& input, std::span<const float* const> inputs, std::uint32_t offset, std::uint32_t frames) noexcept;

    Plan plan_;
    Ports ports_;
    std::vector<Member> members_;
    std::vector<float> zeros_;
};

}  // namespace stemwire::host
