// SPDX-License-Identifier: GPL-3.0-or-later
// The main of tests that play in real time. Where one fails while the machine itself was late, it says nothing of us: the program then ends
// as one that was skipped, and names what was late.
#include <cstdio>

#include <gtest/gtest.h>

#include "tests/support/lateness.hpp"

namespace {

constexpr int skipped_status = 77;  // meson's
/// Cycles of the tests' servers last 5.3 ms, of which some is ours: who is woken so late cannot be in time.
constexpr long late_ns = 2'000'000;

class Excuses : public testing::EmptyTestEventListener {
public:
    [[nodiscard]] int status(int of_tests) const noexcept { return of_tests != 0 && failed_ == 0 && excused_ > 0 ? skipped_status : of_tests; }

private:
    void OnTestStart(const testing::TestInfo&) override { watch_.begin(); }
    void OnTestEnd(const testing::TestInfo& test) override
    {
        if (!test.result()->Failed()) return;
        const bool late = watch_.worst_ns() > late_ns;
        ++(late ? excused_ : failed_);
        if (late)
            std::printf("%s.%s is excused: this machine woke a thread of the highest priority %.1f ms late\n", test.test_suite_name(), test.name(),
                        static_cast<double>(watch_.worst_ns()) / 1e6);
    }

    stemwire::test::Lateness watch_;
    int failed_ = 0;
    int excused_ = 0;
};

}  // namespace

int main(int argc, char** argv)
{
    testing::InitGoogleTest(&argc, argv);
    auto* excuses = new Excuses;  // the list of listeners owns it
    testing::UnitTest::GetInstance()->listeners().Append(excuses);
    const int of_tests = RUN_ALL_TESTS();
    return excuses->status(of_tests);
}
