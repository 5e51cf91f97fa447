#include "daemon/control/control_client.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "daemon/control/control_server.h"
#include "daemon/control/wire.h"

namespace rekindle {
namespace {

// Closes when it goes.
struct Descriptor {
  int number = -1;
  explicit Descriptor(int n) : number(n) {}
  Descriptor(Descriptor&& other) noexcept
      : number(std::exchange(other.number, -1)) {}
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};

std::optional<Descriptor> Connect(const std::filesystem::path& path) {
  sockaddr_un address{.sun_family = AF_UNIX};
  if (path.native().size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.c_str(), path.native().size() + 1);
  Descriptor connection(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connect(connection.number, reinterpret_cast<sockaddr*>(&address),
              sizeof address) != 0) {
    return std::nullopt;
  }
  return connection;
}

}  // namespace

Result<std::optional<int>> AskDaemon(const std::filesystem::path& data_dir,
                                     const std::vector<std::string>& arguments,
                                     const std::vector<std::string>& files) {
  auto connection = Connect(ControlSocketPath(data_dir));
  if (!connection) return std::nullopt;

  ControlRequest request;
  request.arguments = arguments;
  request.out_is_terminal = isatty(STDOUT_FILENO);
  request.err_is_terminal = isatty(STDERR_FILENO);
  request.file_names = files;
  request.files = {STDOUT_FILENO, STDERR_FILENO};
  std::vector<Descriptor> opened;
  for (const std::string& file : files) {
    if (file == "-") {
      request.files.push_back(STDIN_FILENO);
      continue;
    }
    opened.emplace_back(open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (opened.back().number < 0) {
      return Fail(ErrorKind::kIo,
                  fmt::format("cannot open {}: {}", file, strerror(errno)));
    }
    request.files.push_back(opened.back().number);
  }
  if (auto sent = SendRequest(connection->number, request); !sent) {
    return tl::make_unexpected(sent.error());
  }
  auto code = ReceiveExitCode(connection->number);
  if (!code) {
    return Fail(ErrorKind::kIo,
                "the daemon ended before it had answered; see its log");
  }
  return std::optional<int>(*code);
}

}  // namespace rekindle
