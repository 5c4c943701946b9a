// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/pipewire/private_server.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/child_program.hpp"
#include "host/pipewire/private_config.hpp"

namespace stemwire::host {

namespace {

using namespace std::chrono_literals;

constexpr auto start_patience = 5s;
constexpr auto end_patience = 2s;
constexpr auto look_again = 2ms;

/// A folder that only we may enter, in the user's runtime folder if there is one; removed with all that is in it.
class PrivateFolder {
public:
    static std::optional<PrivateFolder> make()
    {
        const char* runtime = std::getenv("XDG_RUNTIME_DIR");
        for (const std::string& parent : {std::string(runtime != nullptr ? runtime : ""), std::string("/tmp")}) {
            std::string path = parent + "/stemwire-XXXXXX";
            if (!parent.empty() && mkdtemp(path.data()) != nullptr) return PrivateFolder(path);
        }
        return std::nullopt;
    }
    ~PrivateFolder()
    {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    PrivateFolder(PrivateFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    PrivateFolder& operator=(PrivateFolder&&) = delete;

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    explicit PrivateFolder(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

bool answers(const std::string& socket_path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path.size() >= sizeof address.sun_path) return false;
    std::strcpy(address.sun_path, socket_path.c_str());
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    return connected;
}

/// True for what would lead the server, or what it runs as, to somebody else's: all of PipeWire's but where it is installed.
bool misleads(std::string_view variable)
{
    if (variable.starts_with("PIPEWIRE_MODULE_DIR=") || variable.starts_with("PIPEWIRE_CONFIG_DIR=")) return false;
    return variable.starts_with("PIPEWIRE_") || variable.starts_with("XDG_RUNTIME_DIR=") || variable.starts_with("DBUS_SESSION_BUS_ADDRESS=");
}

/// What the child runs with: our environment, but everything of PipeWire in its own folder.
std::vector<std::string> environment(const std::string& folder)
{
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable)
        if (!misleads(*variable)) variables.emplace_back(*variable);
    variables.push_back("XDG_RUNTIME_DIR=" + folder);
    return variables;
}

/// After fork only what is safe there: everything was allocated before.
[[noreturn]] void become(const char* program, char* const* arguments, char* const* variables, pid_t parent, int error_pipe)
{
    if (set_out(parent, SIGKILL)) {
        setpgid(0, 0);  // a Ctrl-C in the terminal is ours alone: the server must outlive the fade
        execvpe(program, arguments, variables);
    }
    const int error = errno;
    [[maybe_unused]] const auto written = write(error_pipe, &error, sizeof error);
    _exit(127);
}

class ChildServer final : public PrivateServer {
public:
    ChildServer(PrivateFolder folder, int pid) : folder_(std::move(folder)), remote_(folder_.path() + "/pipewire-0"), pid_(pid) {}
    ~ChildServer() override { end(); }

    [[nodiscard]] const std::string& remote() const noexcept override { return remote_; }
    [[nodiscard]] const std::string& runtime_dir() const noexcept override { return folder_.path(); }
    [[nodiscard]] int pid() const noexcept override { return pid_; }

    [[nodiscard]] bool ended()
    {
        if (!reaped_) reaped_ = waitpid(pid_, nullptr, WNOHANG) != 0;
        return reaped_;
    }

private:
    void end()
    {
        if (ended()) return;
        kill(pid_, SIGTERM);
        const auto deadline = std::chrono::steady_clock::now() + end_patience;
        while (!ended() && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(look_again);
        if (ended()) return;
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }

    PrivateFolder folder_;
    std::string remote_;
    int pid_;
    bool reaped_ = false;
};

Expected<int> spawn(const std::string& program, const std::string& config, const std::string& folder)
{
    std::array<int, 2> error_pipe{};
    if (pipe2(error_pipe.data(), O_CLOEXEC) != 0) return failure(std::strerror(errno));
    std::vector<std::string> arguments{program, "-c", config};
    std::vector<std::string> variables = environment(folder);
    const auto argument_list = pointers(arguments);
    const auto variable_list = pointers(variables);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0) become(program.c_str(), argument_list.data(), variable_list.data(), parent, error_pipe[1]);
    const int fork_error = errno;
    close(error_pipe[1]);
    int error = pid < 0 ? fork_error : 0;
    if (pid > 0 && read(error_pipe[0], &error, sizeof error) == sizeof error) waitpid(pid, nullptr, 0);
    close(error_pipe[0]);
    if (error == ENOENT) return failure("there is no program `" + program + "`: install the package pipewire (apt install pipewire)");
    if (error != 0) return failure("`" + program + "` cannot be started: " + std::strerror(error));
    return pid;
}

}  // namespace

Expected<std::unique_ptr<PrivateServer>> PrivateServer::start(const Options& options)
{
    auto folder = PrivateFolder::make();
    if (!folder) return failure(std::string("cannot make a folder for a private PipeWire: ") + std::strerror(errno));
    const std::string config = folder->path() + "/pipewire.conf";
    std::ofstream(config) << private_config(options);
    const auto pid = spawn(options.program, config, folder->path());
    if (!pid) return failure("cannot start a private PipeWire: " + pid.error().message);
    auto server = std::make_unique<ChildServer>(std::move(*folder), *pid);
    const auto deadline = std::chrono::steady_clock::now() + start_patience;
    while (!answers(server->remote())) {
        if (server->ended()) return failure("cannot start a private PipeWire: `" + options.program + "` ended at once");
        if (std::chrono::steady_clock::now() > deadline) return failure("cannot start a private PipeWire: it does not answer");
        std::this_thread::sleep_for(look_again);
    }
    return server;
}

}  // namespace stemwire::host
