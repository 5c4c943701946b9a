// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/live/recording.hpp"
#include "tests/support/lambda_node.hpp"
#include "tests/support/program.hpp"

namespace stemwire::test {

/// The program on a server of its own, while the world around it goes wrong.
class Faults : public ::testing::Test {
protected:
    void SetUp() override
    {
        write_stem("stem.wav", 4 * 48'000);
        folder_.write("band.yaml", preset(0));
    }

    void write_stem(const std::string& name, std::size_t frames) const
    {
        Audio audio;
        for (std::uint64_t channel = 0; channel < 2; ++channel) {
            auto& samples = audio.channels.emplace_back();
            for (std::size_t i = 0; i < frames; ++i) samples.push_back(0.01f * noise(i, channel));
        }
        write_audio(folder_.file(name), audio);
    }
    static std::string preset(int gain_db)
    {
        return "stemwire: 1\nname: band\nnodes:\n  stem: { type: track, file: stem.wav, loop: true, buffer: 0.1 s, gain: " + std::to_string(gain_db) +
               " dB }\n  tone: { type: generator, level: -40 dB, channels: stereo }\nexternal: { speakers: { sink: default } }\n"
               "links: [ stem -> speakers, tone -> speakers ]\n";
    }

    std::vector<std::string> environment() const { return {"XDG_RUNTIME_DIR=" + folder_.path().string()}; }
    Outcome ask(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.begin(), stemwire_program());
        return run_program(std::move(arguments), environment(), folder_.path().string());
    }
    nlohmann::json status() const { return nlohmann::json::parse(ask({"status", "--json"}).out, nullptr, false); }
    bool plays() const
    {
        const auto now = status();
        return now.is_object() && now["transport"]["state"] == "playing";
    }
    /// The transport goes on from where it is.
    bool goes_on() const
    {
        const auto from = status();
        return from.is_object() && wait_until([&] {
                   const auto now = status();
                   return now.is_object() && now["transport"]["state"] == "playing" && now["transport"]["seconds"] > from["transport"]["seconds"];
               });
    }

    void start(std::vector<std::string> before = {})
    {
        ASSERT_TRUE(pipewire_.runs()) << pipewire_.error();
        before.insert(before.end(), {stemwire_program(), "run", "--remote", pipewire_.remote(), "band.yaml"});
        program_ = std::make_unique<Program>(std::move(before), environment(), folder_.path().string());
    }
    bool says(const std::string& text, std::size_t after = 0) const
    {
        return wait_until([&] {
            const std::string all = program_->err();
            return all.find(text, std::min(after, all.size())) != std::string::npos;
        });
    }
    void expect_ordered_end()
    {
        program_->signal(SIGINT);
        const Outcome outcome = program_->wait();
        EXPECT_EQ(outcome.status, 0) << outcome.err;
    }

    PrivatePipeWire pipewire_;
    TemporaryFolder folder_;
    std::unique_ptr<Program> program_;
};

}  // namespace stemwire::test
