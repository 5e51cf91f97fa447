// An HTTP server for the conformance kit.
#pragma once

#include "tests/unit/channels/channel_test.h"
#include "tests/unit/channels/conformance/peer.h"
#include "tests/unit/channels/raw_server.h"

namespace rekindle::conformance {

class HttpPeer {
 public:
  HttpPeer() : server_([this](int fd, int) { Serve(fd); }) {}

  std::string url() const { return server_.url() + "hook"; }
  std::vector<std::string> keys() const {
    std::lock_guard lock(mutex_);
    return keys_;
  }

 private:
  using Server = channel_testing::RawServer;

  void Serve(int fd) {
    while (true) {
      const std::string request = Read(fd);
      const size_t at = request.find("kit-");
      if (at == request.npos) return;
      const std::string key =
          request.substr(at, request.find_first_of("\"\r\n &", at) - at);
      {
        std::lock_guard lock(mutex_);
        keys_.push_back(key);
      }
      if (!Answer(fd, key.substr(4, key.rfind('-') - 4), request)) return;
    }
  }

  // The whole request; what came of it where the peer went away.
  static std::string Read(int fd) {
    std::string request;
    char buffer[4096];
    while (true) {
      const size_t end = request.find("\r\n\r\n");
      const size_t at = request.find("Content-Length: ");
      if (end != request.npos && at != request.npos &&
          request.size() >= end + 4 + std::stoul(request.substr(at + 16))) {
        return request;
      }
      const ssize_t n = recv(fd, buffer, sizeof buffer, 0);
      if (n <= 0) return "";
      request.append(buffer, n);
    }
  }

  // Repeats everything it was told, as some servers do. False: hang up.
  static bool Answer(int fd, const std::string& behavior,
                     const std::string& request) {
    const std::string told = std::string(kSecret) + " " + kAddressCanary;
    const auto say = [&](const std::string& status, const std::string& body) {
      Server::Write(fd, "HTTP/1.1 " + status + "\r\nContent-Length: " +
                            std::to_string(body.size()) + "\r\n\r\n" + body);
      return true;
    };
    (void)request;
    if (behavior == "accept")
      return say("200 OK", R"({"errcode":0,"id":"m-1"})");
    if (behavior == "recipient") {
      return say("200 OK", R"({"errcode":1,"errmsg":"no )" + told + "\"}");
    }
    if (behavior == "busy") return say("503 Busy\r\nRetry-After: 120", told);
    if (behavior == "account") return say("401 No", told);
    if (behavior == "message") return say("400 Bad", told);
    if (behavior == "garbage") Server::Write(fd, "220 mail ESMTP " + told);
    if (behavior == "huge") {
      say("200 OK", std::string(1 << 20, 'x') + told);
    }
    if (behavior == "slow") {
      Server::Write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n{");
      (void)Read(fd);  // until the client has had enough
    }
    if (behavior == "silence") (void)Read(fd);
    if (behavior == "cutoff") {
      Server::Write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"err");
    }
    if (behavior == "reset" || behavior == "cutoff") Server::ResetOnClose(fd);
    return false;
  }

  mutable std::mutex mutex_;
  std::vector<std::string> keys_;
  Server server_;
};

// A port that nobody listens on.
inline std::string DesertedUrl() {
  channel_testing::RawServer gone([](int, int) {});
  return gone.url();
}

}  // namespace rekindle::conformance
