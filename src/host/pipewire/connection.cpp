// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/pipewire/blocked_signals.hpp"
#include "host/pipewire/data_loop.hpp"
#include "host/pipewire/library.hpp"

namespace stemwire::host {

namespace {

using namespace std::chrono_literals;

/// A server that has not answered for this long hangs.
constexpr auto answer_patience = 5s;

std::string socket_path(const std::string& remote)
{
    if (remote.starts_with('/')) return remote;
    for (const char* variable : {"PIPEWIRE_RUNTIME_DIR", "XDG_RUNTIME_DIR"})
        if (const char* folder = std::getenv(variable); folder != nullptr) return std::string(folder) + "/" + remote;
    return "/run/pipewire/" + remote;
}

/// Connects ourselves, since up to 0.3.65 PIPEWIRE_REMOTE wins over a name that was asked for.
Expected<int> connect_socket(const std::string& remote)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = socket_path(remote);
    if (path.size() >= sizeof address.sun_path) return failure("the path is too long for a socket");
    std::strcpy(address.sun_path, path.c_str());
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return failure(std::strerror(errno));
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    const int error = errno;
    close(fd);
    return failure(std::strerror(error));
}

/// As the library matches it: what it calls a loop is its thread's name, which the system cuts off.
std::string name_of(pw_data_loop* loop)
{
    constexpr std::array first_with_several{1, 2, 0};
    constexpr std::size_t longest = 15;
    if (library_version() < first_with_several) return {};
    char name[longest + 1]{};
    pthread_getname_np(thread_of(loop), name, sizeof name);
    const std::string found(name);
    return found.size() < longest ? found : found + "*";
}

std::string shown_name(const std::string& remote)
{
    if (!remote.empty()) return remote;
    const char* variable = std::getenv("PIPEWIRE_REMOTE");
    return variable != nullptr && *variable != '\0' ? variable : PW_DEFAULT_REMOTE;
}

tl::unexpected<Error> unreachable(const std::string& remote, const std::string& reason)
{
    return failure("cannot connect to PipeWire (remote " + shown_name(remote) + "): " + reason +
                   "; is it running? `--private` starts one of its own");
}

}  // namespace

Expected<std::unique_ptr<Connection>> Connection::begin(MainLoop& loop, const std::string& remote)
{
    std::unique_ptr<Connection> connection(new Connection(loop));
    if (auto connected = connection->connect(remote); !connected) return unreachable(remote, connected.error().message);
    connection->listen();
    return connection;
}

Expected<std::unique_ptr<Connection>> Connection::open(MainLoop& loop, const std::string& remote)
{
    auto connection = begin(loop, remote);
    if (!connection) return connection;
    if (auto answered = (*connection)->round_trip(); !answered) return unreachable(remote, answered.error().message);
    return connection;
}

bool Connection::reachable(const std::string& remote)
{
    const auto fd = connect_socket(shown_name(remote));
    if (fd) close(*fd);
    return fd.has_value();
}

Expected<void> Connection::connect(const std::string& remote)
{
    const BlockedSignals guard;
    context_ = pw_context_new(loop_.loop(), pw_properties_new(PW_KEY_CONFIG_NAME, client_config(), PW_KEY_APP_NAME, "stemwire", nullptr), 0);
    if (context_ == nullptr) return failure(std::string("the client's configuration cannot be loaded: ") + std::strerror(errno));
    data_loop_ = pw_context_get_data_loop(context_);
    if (data_loop_ == nullptr) return failure("the client's configuration has no data loop (context.num-data-loops)");
    data_loop_name_ = name_of(data_loop_);
    if (remote.empty()) {
        core_ = pw_context_connect(context_, nullptr, 0);
    } else {
        const auto fd = connect_socket(remote);
        if (!fd) return tl::unexpected(fd.error());
        core_ = pw_context_connect_fd(context_, *fd, nullptr, 0);
    }
    if (core_ == nullptr) return failure(std::strerror(errno));
    signals_.emplace(core_, data_loop_);
    return {};
}

Connection::~Connection()
{
    core_listener_.remove();
    if (signals_) signals_->stop_meeting();
    if (core_ != nullptr) pw_core_disconnect(core_);
    signals_.reset();
    if (context_ != nullptr) pw_context_destroy(context_);
}

void Connection::listen()
{
    static const pw_core_events events = [] {
        pw_core_events table{};
        table.version = PW_VERSION_CORE_EVENTS;
        table.info = [](void* data, const pw_core_info* info) {
            auto& self = *static_cast<Connection*>(data);
            self.name_ = info->name;
            self.version_ = info->version;
        };
        table.done = [](void* data, std::uint32_t id, int sequence) {
            auto& self = *static_cast<Connection*>(data);
            if (id != PW_ID_CORE) return;
            self.answered_ = sequence;
            if (self.changed_) self.changed_();
        };
        table.error = [](void* data, std::uint32_t id, int, int result, const char* message) {
            static_cast<Connection*>(data)->heard_error(id, result, message);
        };
        return table;
    }();
    pw_core_add_listener(core_, core_listener_.get(), &events, this);
}

/// What concerns a single object is told to that object too; here only the end of the connection matters.
void Connection::heard_error(std::uint32_t id, int result, const char* message)
{
    if (id != PW_ID_CORE || (result != -EPIPE && result != -ECONNRESET && result != -EPROTO)) return;
    lost_ = true;
    error_ = message;
    if (changed_) changed_();
}

Expected<void> Connection::round_trip()
{
    const int ticket = sync();
    const bool answered = loop_.run_until([&] { return lost_ || synced(ticket); }, answer_patience);
    if (lost_) return failure(error_);
    if (!answered) return failure("the server does not answer");
    return {};
}

std::uint64_t raise_file_limit() noexcept
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

std::uint64_t files_left()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    std::error_code none_left;
    const std::filesystem::directory_iterator open_files("/proc/self/fd", none_left);
    if (none_left) return 0;
    // Those beyond a limit that was lowered take no room below it.
    const auto open = static_cast<std::uint64_t>(
        std::ranges::count_if(open_files, [&](const std::filesystem::directory_entry& file) { return std::strtoull(file.path().filename().c_str(), nullptr, 10) < limit.rlim_cur; }));
    return limit.rlim_cur - std::min<std::uint64_t>(open, limit.rlim_cur);
}

}  // namespace stemwire::host
