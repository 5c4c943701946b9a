// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "control/dispatcher.hpp"
#include "input.hpp"
#include "tests/control/fake_session.hpp"

/// Every line of the input, to one session.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace stemwire;
    test::FakeSession session;
    std::size_t asked = 0;
    std::size_t answered = 0;
    const control::ClientSide client{[&](const std::string& line) {
                                         ++answered;
                                         fuzz::require(line.empty() || control::Json::accept(line), "an answer is JSON");
                                         fuzz::require(line.find('\n') == std::string::npos, "an answer is one line");
                                     },
                                     [](double) {}};
    for (auto rest = fuzz::text_of({data, size}); !rest.empty(); ++asked) {
        const auto end = std::min(rest.find('\n'), rest.size());
        control::answer_line(session, rest.substr(0, end), client);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    session.turn(std::chrono::milliseconds(0));
    fuzz::require(asked == answered, "each line is answered once");
    return 0;
}
