// A TCP server that does to a client what well-behaved servers never do.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace rekindle::channel_testing {

// Runs `serve(socket, number of the connection)` in a thread a connection, on
// a port of its own; the socket is closed afterwards.
class RawServer {
 public:
  explicit RawServer(std::function<void(int, int)> serve)
      : serve_(std::move(serve)), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, generic, size) != 0 || listen(listener_, 64) != 0 ||
        getsockname(listener_, generic, &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { Accept(); });
  }
  ~RawServer() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    close(listener_);
    for (std::thread& thread : threads_) thread.join();
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  int port() const { return port_; }
  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/";
  }
  int connections() const { return connections_; }

  // Reads until the request's body has come; false where the peer is gone.
  static bool ReadRequest(int fd) {
    std::string request;
    while (true) {
      const size_t end = request.find("\r\n\r\n");
      const size_t at = request.find("Content-Length: ");
      if (end != request.npos && at != request.npos &&
          request.size() >= end + 4 + std::stoul(request.substr(at + 16))) {
        return true;
      }
      char buffer[4096];
      const ssize_t n = recv(fd, buffer, sizeof buffer, 0);
      if (n <= 0) return false;
      request.append(buffer, n);
    }
  }
  static void Write(int fd, const std::string& text) {
    (void)!send(fd, text.data(), text.size(), MSG_NOSIGNAL);
  }
  // The next close sends a reset instead of an orderly end.
  static void ResetOnClose(int fd) {
    const linger now = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

 private:
  void Accept() {
    while (true) {
      const int fd = accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      const int number = connections_++;
      threads_.emplace_back([this, fd, number] {
        serve_(fd, number);
        close(fd);
      });
    }
  }

  const std::function<void(int, int)> serve_;
  const int listener_;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace rekindle::channel_testing
