#include "daemon/control/control_server.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <ext/stdio_filebuf.h>
#include <ostream>

#include "daemon/commands/command.h"
#include "daemon/control/wire.h"

namespace rekindle {
namespace {

constexpr int kMaxServing = 8;

// An ostream on an open file, which it closes.
class FileStream {
 public:
  explicit FileStream(int file)
      : buffer_(file, std::ios::out), stream_(&buffer_) {}
  std::ostream& stream() { return stream_; }

 private:
  __gnu_cxx::stdio_filebuf<char> buffer_;
  std::ostream stream_;
};

// Who is at the other end of the socket.
std::string PeerOf(int connection) {
  ucred peer = {};
  socklen_t size = sizeof peer;
  if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return "unknown";
  }
  return UserName(peer.uid);
}

int RunRequest(ControlRequest& request, Session& session, std::string who) {
  FileStream out(request.files[0]);
  FileStream err(request.files[1]);
  CommandStreams streams{out.stream(),
                         err.stream(),
                         request.out_is_terminal,
                         request.err_is_terminal,
                         {},
                         std::move(who)};
  for (size_t i = 0; i < request.file_names.size(); ++i) {
    streams.inputs.push_back(
        InputFile::FromDescriptor(request.files[i + 2], request.file_names[i]));
  }
  ParsedCommand parsed = ParseCommandLine(request.arguments);
  int code = parsed.exit_code;
  if (parsed.line) {
    code = RunCommand(*parsed.line, session, streams);
  } else {
    err.stream() << parsed.text;
  }
  code = FinishOutput(code, request.files[0], streams);
  err.stream().flush();
  return code;
}

}  // namespace

std::filesystem::path ControlSocketPath(const std::filesystem::path& data_dir) {
  return data_dir / "rekindled.sock";
}

Result<std::unique_ptr<ControlServer>> ControlServer::Start(Session& session) {
  std::filesystem::path path = ControlSocketPath(session.engine().data_dir());
  sockaddr_un address{.sun_family = AF_UNIX};
  if (path.native().size() >= sizeof address.sun_path) {
    return Fail(ErrorKind::kConfiguration,
                fmt::format("data_dir is too long for a Unix socket: {} is "
                            "over {} bytes",
                            path.string(), sizeof address.sun_path - 1));
  }
  std::memcpy(address.sun_path, path.c_str(), path.native().size() + 1);
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  unlink(path.c_str());
  // Nobody can connect before it listens. (The umask is all threads'.)
  bool bound = bind(listener, reinterpret_cast<sockaddr*>(&address),
                    sizeof address) == 0 &&
               chmod(path.c_str(), S_IRUSR | S_IWUSR) == 0 &&
               listen(listener, 16) == 0;
  if (!bound) {
    std::string why = strerror(errno);
    close(listener);
    return Fail(ErrorKind::kIo,
                fmt::format("cannot listen on {}: {}", path.string(), why));
  }
  return std::unique_ptr<ControlServer>(
      new ControlServer(session, listener, std::move(path)));
}

ControlServer::ControlServer(Session& session, int socket,
                             std::filesystem::path path)
    : session_(session),
      socket_(socket),
      path_(std::move(path)),
      acceptor_([this] { Accept(); }) {}

ControlServer::~ControlServer() {
  stopping_ = true;
  acceptor_.join();
  close(socket_);
  unlink(path_.c_str());
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return serving_ == 0; });
}

void ControlServer::Accept() {
  while (!stopping_) {
    pollfd waiting{socket_, POLLIN, 0};
    if (poll(&waiting, 1, 200) <= 0) continue;
    int connection = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return serving_ < kMaxServing; });
    ++serving_;
    std::thread([this, connection] { Serve(connection); }).detach();
  }
}

void ControlServer::Serve(int connection) {
  auto request = ReceiveRequest(connection);
  if (request) {
    int code = RunRequest(*request, session_, PeerOf(connection));
    // The operator may have gone away; the work is done all the same.
    (void)SendExitCode(connection, code);
  } else {
    spdlog::warn("control socket: {}", request.error().message);
  }
  close(connection);
  std::lock_guard lock(mutex_);
  --serving_;
  changed_.notify_all();
}

}  // namespace rekindle
