// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "session/live_session.hpp"
#include "tests/live/recording.hpp"
#include "tests/support/temporary_folder.hpp"

namespace stemwire::session {

/// A session on a private server, driven from its own main loop by a script of steps.
class LiveSessions : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(pipewire_.runs()) << pipewire_.error(); }

    /// Runs a preset; `step` is called every few milliseconds while it plays, and says when it is enough.
    std::vector<std::string> run(const std::string& yaml, const std::function<bool(SessionControl&)>& step)
    {
        const std::string path = folder_.write("test.yaml", yaml);
        const auto loaded = preset::load(path);
        for (const Error& error : loaded.errors) ADD_FAILURE() << to_string(error);
        std::vector<std::string> said;
        LiveRequest request{.remote = pipewire_.remote(),
                            .say = [&said](const std::string& message) { said.push_back(message); },
                            .attach =
                                [&](SessionControl& session) {
                                    session.every(std::chrono::milliseconds(5), [&session, &step] {
                                        if (session.status().state != TransportState::starting && step(session)) session.stop();
                                    });
                                    return Expected<std::shared_ptr<void>>();
                                },
                            .reload = [path] { return preset::load(path); }};
        const auto ended = run_live(*loaded.preset, request);
        EXPECT_TRUE(ended) << (ended ? "" : to_string(ended.error().errors.front()));
        return said;
    }

    test::PrivatePipeWire pipewire_;
    test::TemporaryFolder folder_;
};

}  // namespace stemwire::session
