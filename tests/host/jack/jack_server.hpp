// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "host/jack/libjack.hpp"
#include "tests/support/private_pipewire.hpp"
#include "tests/support/program.hpp"

namespace stemwire::test {

/// Under pw-jack, libjack is PipeWire's.
inline bool on_pipewire()
{
    return std::getenv("STEMWIRE_TEST_PW_JACK") != nullptr;
}

/// A JACK server for one test, without a sound card: jackd, or under pw-jack a PipeWire.
class JackServer {
public:
    JackServer()
    {
        setenv("JACK_NO_AUDIO_RESERVATION", "1", 1);
        setenv("JACK_NO_START_SERVER", "1", 1);
        start();
    }
    ~JackServer() { stop(SIGTERM); }

    /// Empty where it runs.
    [[nodiscard]] const std::string& error() const { return error_; }
    [[nodiscard]] std::string name() const { return on_pipewire() ? pipewire_->remote() : name_; }

    void start()
    {
        if (on_pipewire()) {
            pipewire_ = std::make_unique<PrivatePipeWire>(host::PrivateServer::Options{.rate_hz = 48000, .quantum = 256});
            if (!pipewire_->runs()) error_ = pipewire_->error();
            return;
        }
        // With realtime priority, and waiting for each client, a machine that is shared with others loses no cycle.
        for (const char* priority : {"-R", "-r"}) {
            jackd_ = std::make_unique<Program>(std::vector<std::string>{"jackd", "-n", name_, priority, "-S", "-d", "dummy", "-r", "48000", "-p", "256"});
            for (int attempt = 0; attempt < 500 && !answers(); ++attempt) std::this_thread::sleep_for(std::chrono::milliseconds(10));
            if (answers()) return;
        }
        error_ = "jackd does not start: " + jackd_->out() + jackd_->err();
    }
    void stop(int signal)
    {
        if (!jackd_) return;
        jackd_->signal(signal);
        static_cast<void>(jackd_->wait());
        jackd_.reset();
    }

    /// What other programs do on the graph.
    bool link(const std::string& from, const std::string& to) const
    {
        return with_client([&](const host::Libjack& jack, jack_client_t* client) { return jack.connect(client, from.c_str(), to.c_str()) == 0; });
    }
    bool unlink(const std::string& from, const std::string& to) const
    {
        return with_client([&](const host::Libjack& jack, jack_client_t* client) { return jack.disconnect(client, from.c_str(), to.c_str()) == 0; });
    }

    template <class Action>
    bool with_client(Action action) const
    {
        const auto jack = host::load_libjack();
        if (!jack) return false;
        jack_status_t status{};
        const auto options = static_cast<jack_options_t>(JackNoStartServer | JackServerName);
        jack_client_t* client = (*jack)->client_open("hand", options, &status, name().c_str());
        if (client == nullptr) return false;
        (*jack)->activate(client);
        const bool done = action(**jack, client);
        (*jack)->client_close(client);
        return done;
    }

private:
    [[nodiscard]] bool answers() const
    {
        return with_client([](const host::Libjack&, jack_client_t*) { return true; });
    }

    std::string name_ = "stemwire-test-" + std::to_string(getpid());
    std::unique_ptr<Program> jackd_;
    std::unique_ptr<PrivatePipeWire> pipewire_;
    std::string error_;
};

}  // namespace stemwire::test
