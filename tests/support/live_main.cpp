// SPDX-License-Identifier: GPL-3.0-or-later
// The main of tests that play in real time. What fails while the machine itself was late is tried again, by itself; what fails each time has failed.
#include <cstdio>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/lateness.hpp"

namespace {

constexpr int attempts = 4;
constexpr const char* attempt_variable = "STEMWIRE_LIVE_ATTEMPT";
/// Cycles of the tests' servers last 5.3 ms, of which some is ours: who is woken so late cannot be in time.
constexpr long late_ns = 2'000'000;

class LateFailures : public testing::EmptyTestEventListener {
public:
    /// For `--gtest_filter`: the tests that failed while the machine was late; empty where one failed while it was in time.
    [[nodiscard]] const std::string& worth_another_try() const noexcept { return names_; }

private:
    void OnTestStart(const testing::TestInfo&) override { watch_.begin(); }
    void OnTestEnd(const testing::TestInfo& test) override
    {
        if (!test.result()->Failed()) return;
        const long late = watch_.worst_ns();
        in_time_ = in_time_ || late <= late_ns;
        const std::string name = std::string(test.test_suite_name()) + "." + test.name();
        names_ = in_time_ ? std::string() : names_ + (names_.empty() ? "" : ":") + name;
        if (late > late_ns) std::printf("%s: meanwhile this machine woke a thread of the highest priority %.1f ms late\n", name.c_str(), static_cast<double>(late) / 1e6);
    }

    stemwire::test::Lateness watch_;
    std::string names_;
    bool in_time_ = false;  ///< one failed in time
};

/// This program, with the tests of `filter` alone. Returns only where that cannot be.
void try_again(char* program, int attempt, const std::string& filter)
{
    std::printf("Attempt %d of %d: %s\n", attempt, attempts, filter.c_str());
    std::fflush(stdout);
    setenv(attempt_variable, std::to_string(attempt).c_str(), 1);
    std::string argument = "--gtest_filter=" + filter;
    char* const arguments[] = {program, argument.data(), nullptr};
    execv("/proc/self/exe", arguments);
}

}  // namespace

int main(int argc, char** argv)
{
    testing::InitGoogleTest(&argc, argv);
    auto* late = new LateFailures;  // the list of listeners owns it
    testing::UnitTest::GetInstance()->listeners().Append(late);
    const int status = RUN_ALL_TESTS();
    const char* before = std::getenv(attempt_variable);
    const int attempt = before == nullptr ? 1 : std::atoi(before);
    if (status != 0 && attempt < attempts && !late->worth_another_try().empty()) try_again(argv[0], attempt + 1, late->worth_another_try());
    return status;
}
