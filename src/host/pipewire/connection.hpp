// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <pipewire/pipewire.h>

#include "host/main_loop.hpp"
#include "host/pipewire/direct_signals.hpp"
#include "host/pipewire/hook.hpp"
#include "stemwire/error.hpp"

namespace stemwire::host {

/// One client of a PipeWire server: a context with its data loop, and the connection.
class Connection {
public:
    /// `remote`: empty for the default, a name, or a socket's absolute path.
    [[nodiscard]] static Expected<std::unique_ptr<Connection>> open(MainLoop& loop, const std::string& remote);
    /// The same, but the server's name and version come with its first answer, which is not waited for.
    [[nodiscard]] static Expected<std::unique_ptr<Connection>> begin(MainLoop& loop, const std::string& remote);
    /// Whether there is a server that would take a connection. Cheap: may be asked often.
    [[nodiscard]] static bool reachable(const std::string& remote);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] pw_data_loop* data_loop() const noexcept { return data_loop_; }
    /// For a node's property `node.loop.name`, where the library has several loops; else empty.
    [[nodiscard]] const std::string& data_loop_name() const noexcept { return data_loop_name_; }
    [[nodiscard]] pw_core* core() const noexcept { return core_; }
    [[nodiscard]] const std::string& server_name() const noexcept { return name_; }
    [[nodiscard]] const std::string& server_version() const noexcept { return version_; }

    /// Asks the server to answer; `synced` says whether that answer (and so everything before it) has come.
    int sync() noexcept { return asked_ = pw_core_sync(core_, PW_ID_CORE, 0); }
    [[nodiscard]] bool synced(int ticket) const noexcept { return ticket - answered_ <= 0; }
    /// Runs the loop until the server has done all that was asked of it so far.
    Expected<void> round_trip();

    [[nodiscard]] bool lost() const noexcept { return lost_; }
    [[nodiscard]] const std::string& error() const noexcept { return error_; }
    /// Called on the loop when an answer came, and when the connection was lost.
    void on_change(std::function<void()> callback) { changed_ = std::move(callback); }

private:
    explicit Connection(MainLoop& loop) : loop_(loop) {}
    [[nodiscard]] Expected<void> connect(const std::string& remote);
    void listen();
    void heard_error(std::uint32_t id, int result, const char* message);

    MainLoop& loop_;
    pw_context* context_ = nullptr;
    pw_core* core_ = nullptr;
    pw_data_loop* data_loop_ = nullptr;  ///< where there are several, that of all our nodes
    std::string data_loop_name_;
    std::optional<DirectSignals> signals_;  ///< of our nodes among each other
    Hook core_listener_;
    int asked_ = 0;
    int answered_ = 0;
    bool lost_ = false;
    std::string name_;
    std::string version_;
    std::string error_;
    std::function<void()> changed_;
};

/// Lets this process have as many open files as the system permits, and says how many that is.
std::uint64_t raise_file_limit() noexcept;
/// How many more this process may open.
[[nodiscard]] std::uint64_t files_left();

}  // namespace stemwire::host
