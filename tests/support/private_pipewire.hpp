// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "host/pipewire/private_server.hpp"

namespace stemwire::test {

/// A PipeWire for one test, and the programs that read it back.
class PrivatePipeWire {
public:
    explicit PrivatePipeWire(const host::PrivateServer::Options& options = {})
    {
        auto started = host::PrivateServer::start(options);
        if (started) server_ = std::move(*started);
        else error_ = started.error().message;
    }

    [[nodiscard]] bool runs() const { return server_ != nullptr; }
    [[nodiscard]] const std::string& error() const { return error_; }
    [[nodiscard]] const std::string& remote() const { return server_->remote(); }
    [[nodiscard]] host::PrivateServer& server() const { return *server_; }

    /// Runs a shell command with this server as its PipeWire; its output, standard error included.
    [[nodiscard]] std::string command(const std::string& line) const
    {
        const std::string whole = "XDG_RUNTIME_DIR=" + server_->runtime_dir() + " PIPEWIRE_REMOTE=" + remote() + " timeout 10 " + line + " 2>&1";
        const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(whole.c_str(), "r"), &pclose);
        std::string output;
        std::array<char, 4096> piece;
        while (const std::size_t got = std::fread(piece.data(), 1, piece.size(), pipe.get())) output.append(piece.data(), got);
        return output;
    }

    /// Everything on the graph, as pw-dump tells it; an empty list where it could not.
    [[nodiscard]] nlohmann::json dump() const
    {
        auto all = nlohmann::json::parse(command("pw-dump"), nullptr, false);
        return all.is_array() ? all : nlohmann::json::array();
    }
    /// The properties of a node.
    [[nodiscard]] nlohmann::json node(const std::string& name) const
    {
        for (const auto& object : dump())
            if (object.value("type", "") == "PipeWire:Interface:Node" && object["info"]["props"].value("node.name", "") == name) return object["info"]["props"];
        return {};
    }

    /// All links, as `node:port -> node:port`, sorted.
    [[nodiscard]] std::vector<std::string> links() const
    {
        std::vector<std::string> found;
        std::string output;
        std::string rest = command("pw-link -l");
        while (!rest.empty()) {
            const auto end = rest.find('\n');
            const std::string line = rest.substr(0, end);
            rest.erase(0, end == std::string::npos ? end : end + 1);
            if (line.starts_with("  |-> ")) found.push_back(output + " -> " + line.substr(6));
            else if (!line.starts_with(" ")) output = line;
        }
        std::sort(found.begin(), found.end());
        return found;
    }
    [[nodiscard]] bool linked(const std::string& from, const std::string& to) const
    {
        const auto all = links();
        return std::find(all.begin(), all.end(), from + " -> " + to) != all.end();
    }

    /// A second stereo sink, as a sound card that is plugged in: `unplug` takes it away again.
    void plug(const std::string& name) const
    {
        static_cast<void>(command("pw-cli create-node adapter '{ factory.name=support.null-audio-sink node.name=" + name +
                                  " media.class=Audio/Sink audio.format=F32P audio.rate=48000 audio.channels=2 audio.position=[ FL FR ] object.linger=true"
                                  " adapter.auto-port-config={ mode=dsp monitor=true position=preserve } }'"));
    }
    void unplug(const std::string& name) const
    {
        for (const auto& object : dump())
            if (object.value("type", "") == "PipeWire:Interface:Node" && object["info"]["props"].value("node.name", "") == name)
                static_cast<void>(command("pw-cli destroy " + std::to_string(object["id"].get<int>())));
    }

private:
    std::unique_ptr<host::PrivateServer> server_;
    std::string error_;
};

}  // namespace stemwire::test
