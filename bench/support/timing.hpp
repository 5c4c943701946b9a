// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace stemwire::bench {

/// Something whose time is compared with that of others.
struct Contender {
    std::string name;
    std::function<void()> run;
    double best_ns = 1e300;  ///< of one run
    int runs = 1;            ///< that are timed together
};

inline double time_of_runs_ns(const Contender& contender)
{
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    for (int i = 0; i < contender.runs; ++i) contender.run();
    return std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
}

/// Takes all contenders in turn, `rounds` times, and keeps the best of each: so that what else the machine does is left out, and what
/// changes it (its clock, its neighbours) meets all of them.
inline void race(std::span<Contender> contenders, int rounds = 100)
{
    constexpr double slice_ns = 40e3;  // long against the clock's resolution, short against a scheduler's slice
    for (Contender& contender : contenders) {
        contender.run();
        while (time_of_runs_ns(contender) < slice_ns) contender.runs *= 2;
    }
    for (int round = 0; round < rounds; ++round)
        for (Contender& contender : contenders)
            contender.best_ns = std::min(contender.best_ns, time_of_runs_ns(contender) / contender.runs);
}

}  // namespace stemwire::bench
