// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/program.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/wav.hpp"

namespace stemwire::test {

/// Sessions of `band.yaml`, run and asked as a user does.
class SessionPrograms : public ::testing::Test {
protected:
    std::unique_ptr<Program> run(const std::string& remote, const std::vector<std::string>& more = {})
    {
        std::vector<std::string> arguments{stemwire_program(), "run", "--remote", remote, "band.yaml"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return std::make_unique<Program>(std::move(arguments), environment(), folder_.path().string());
    }
    [[nodiscard]] Outcome ask(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.begin(), stemwire_program());
        return run_program(arguments, environment());
    }
    [[nodiscard]] nlohmann::json status() const
    {
        auto answer = nlohmann::json::parse(ask({"status", "--session", "band", "--json"}).out, nullptr, false);
        return answer.is_object() ? answer : nlohmann::json::object();
    }
    /// Sessions of other tests, and of the user, are not ours.
    [[nodiscard]] std::vector<std::string> environment() const { return {"XDG_RUNTIME_DIR=" + folder_.path().string()}; }

    [[nodiscard]] static std::string transport_of(const nlohmann::json& status) { return status.value("transport", nlohmann::json::object()).value("state", ""); }
    [[nodiscard]] static std::string state_of(const nlohmann::json& status, const std::string& node)
    {
        for (const nlohmann::json& each : status.value("nodes", nlohmann::json::array()))
            if (each.value("name", "") == node) return each.value("state", "");
        return "";
    }
    [[nodiscard]] static bool all_made(const nlohmann::json& status)
    {
        const nlohmann::json links = status.value("links", nlohmann::json::array());
        return !links.empty() && std::ranges::all_of(links, [](const nlohmann::json& link) { return link.value("state", "") == "made"; });
    }

    void write_noise(const std::string& name, float level, std::size_t frames)
    {
        Audio audio;
        audio.channels.resize(1);
        for (std::size_t i = 0; i < frames; ++i) audio.channels[0].push_back(level * noise(i));
        write_audio(folder_.file(name), audio);
    }

    TemporaryFolder folder_;
};

}  // namespace stemwire::test
