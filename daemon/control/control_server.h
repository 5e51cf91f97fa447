// Answers the operator's command on the Unix socket in the data folder.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "daemon/session/session.h"

namespace rekindle {

// The socket's path: data_dir/rekindled.sock.
std::filesystem::path ControlSocketPath(const std::filesystem::path& data_dir);

// One thread a request, at most 8 at once. The session outlives the server.
class ControlServer {
 public:
  // Binds with mode 0600; a stale socket of a dead process is replaced (the
  // data folder's lock has already told that no other daemon lives).
  static Result<std::unique_ptr<ControlServer>> Start(Session& session);
  // Takes no further requests and waits for those under way.
  ~ControlServer();

 private:
  ControlServer(Session& session, int socket, std::filesystem::path path);
  void Accept();
  void Serve(int connection);

  Session& session_;
  const int socket_;
  const std::filesystem::path path_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  int serving_ = 0;
  std::thread acceptor_;
};

}  // namespace rekindle
