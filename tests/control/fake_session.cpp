// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/control/fake_session.hpp"

#include <cstdio>

#include "control/control_server.hpp"

/// A session without sound under the name of the first argument, until it is stopped: for tests of the commands, and to look at the full-screen view.
int main(int argc, char** argv)
{
    stemwire::test::FakeSession session;
    const auto server = stemwire::control::ControlServer::open(session, argc > 1 ? argv[1] : "band");
    if (!server) {
        std::fprintf(stderr, "%s\n", server.error().message.c_str());
        return 1;
    }
    std::puts("ready");
    std::fflush(stdout);
    while (!session.stopped) session.turn();
    return 0;
}
