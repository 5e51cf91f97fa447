// A mail server for the conformance kit.
#pragma once

#include "tests/unit/channels/channel_test.h"
#include "tests/unit/channels/conformance/peer.h"
#include "tests/unit/channels/raw_server.h"

namespace rekindle::conformance {

class SmtpPeer {
 public:
  SmtpPeer() : server_([this](int fd, int) { Serve(fd); }) {}

  int port() const { return server_.port(); }
  std::vector<std::string> keys() const {
    std::lock_guard lock(mutex_);
    return keys_;
  }

 private:
  using Server = channel_testing::RawServer;

  // The next line; empty where the client is gone.
  static std::string Line(int fd) {
    std::string line;
    char c;
    while (recv(fd, &c, 1, 0) == 1) {
      line += c;
      if (c == '\n') return line;
    }
    return "";
  }

  void Serve(int fd) {
    Server::Write(fd, "220 peer ESMTP\r\n");
    std::string behavior, key;
    for (std::string line = Line(fd); !line.empty(); line = Line(fd)) {
      if (line.starts_with("EHLO")) {
        Server::Write(fd, "250-peer\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n");
      } else if (line.starts_with("AUTH")) {
        Server::Write(fd, "235 2.7.0 in\r\n");
      } else if (line.starts_with("RCPT")) {
        const size_t at = line.find("kit-");
        key = line.substr(at, line.find('.', at) - at);
        behavior = key.substr(4, key.rfind('-') - 4);
        Server::Write(fd, Refusal(behavior));
      } else if (line.starts_with("DATA")) {
        if (Refusal(behavior)[0] == '2') {
          Server::Write(fd, "354 go\r\n");
          while (Line(fd) != ".\r\n") {
          }
          {
            std::lock_guard lock(mutex_);
            keys_.push_back(key);
          }
          if (!Answer(fd, behavior)) return;
        } else {
          Server::Write(fd, "503 5.5.1 nobody to send it to\r\n");
        }
      } else {
        Server::Write(fd, "250 2.0.0 ok\r\n");
      }
    }
  }

  // Repeats whom it refuses, and more, as some servers do.
  static std::string Refusal(const std::string& behavior) {
    const std::string told =
        std::string(kSecret) + " <" + kAddressCanary + "@app.example>";
    if (behavior == "recipient") return "550 5.1.1 no " + told + "\r\n";
    if (behavior == "busy") return "450 4.2.0 later " + told + "\r\n";
    if (behavior == "account") return "550 5.7.1 no " + told + "\r\n";
    if (behavior == "message") return "552 5.3.4 too big " + told + "\r\n";
    if (behavior == "garbage") return "HTTP/1.1 400 " + told + "\r\n";
    return "250 2.1.5 ok\r\n";
  }

  // False: hang up.
  static bool Answer(int fd, const std::string& behavior) {
    if (behavior == "silence") {
      (void)Line(fd);  // until the client has had enough
      return false;
    }
    if (behavior == "huge") {
      for (int i = 0; i < 2000; ++i) Server::Write(fd, "250-and so on\r\n");
      return false;
    }
    if (behavior == "cutoff") {
      Server::Write(fd, "250-2.0.0 almost\r\n");
      return false;
    }
    if (behavior == "reset") {
      Server::ResetOnClose(fd);
      return false;
    }
    const std::string yes = "250 2.0.0 queued as Q1\r\n";
    if (behavior != "slow") {
      Server::Write(fd, yes);
      return true;
    }
    for (const char c : yes) {
      Server::Write(fd, std::string(1, c));
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  mutable std::mutex mutex_;
  std::vector<std::string> keys_;
  Server server_;
};

}  // namespace rekindle::conformance
