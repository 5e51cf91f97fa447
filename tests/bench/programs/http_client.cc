#include "tests/bench/programs/http_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

#include "tests/bench/programs/stopwatch.h"

namespace rekindle::bench {
namespace {

// A first request may wait for what a daemon loads only then.
constexpr int kPatienceMillis = 300'000;

[[noreturn]] void Throw(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

int Connect(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) !=
      0) {
    Throw("cannot connect to port " + std::to_string(port));
  }
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return fd;
}

// A number after a header's name; 0 where it is not there.
size_t HeaderNumber(std::string_view head, std::string_view name) {
  for (size_t at = 0; at + name.size() < head.size(); ++at) {
    if (::strncasecmp(head.data() + at, name.data(), name.size()) != 0)
      continue;
    at += name.size();
    while (at < head.size() && head[at] == ' ') ++at;
    size_t number = 0;
    std::from_chars(head.data() + at, head.data() + head.size(), number);
    return number;
  }
  return 0;
}

class Connection {
 public:
  explicit Connection(int port) : fd_(Connect(port)) {}
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd() const { return fd_; }

  // What one write does not take is written when there is room: true once it
  // is all gone.
  void Send(std::string_view request) {
    rest_ = request;
    sent_ = Stopwatch();
    Continue();
  }
  bool Continue() {
    while (!rest_.empty()) {
      const ssize_t n =
          ::send(fd_, rest_.data(), rest_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n < 0 && errno == EAGAIN) return false;
      if (n < 0) Throw("a connection broke while sending");
      rest_.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }

  // The status of a complete answer, 0 while there is more to come.
  int Receive() {
    char bytes[16384];
    const ssize_t n = ::recv(fd_, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return 0;
    if (n <= 0) Throw("a connection was closed");
    answer_.append(bytes, static_cast<size_t>(n));
    const size_t end = answer_.find("\r\n\r\n");
    if (end == std::string::npos) return 0;
    const std::string_view head = std::string_view(answer_).substr(0, end + 2);
    if (answer_.size() < end + 4 + HeaderNumber(head, "\r\nContent-Length:")) {
      return 0;
    }
    const int status = std::stoi(answer_.substr(9, 3));
    answer_.clear();
    return status;
  }
  double Waited() const { return sent_.Seconds(); }

 private:
  const int fd_;
  std::string_view rest_;
  std::string answer_;
  Stopwatch sent_;
};

class LoadRun {
 public:
  LoadRun(int port, int connections,
          const std::function<std::string_view(int)>& next)
      : next_(next), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (int i = 0; i < connections; ++i) {
      connections_.push_back(std::make_unique<Connection>(port));
      epoll_event event{};
      event.events = EPOLLIN | EPOLLOUT | EPOLLET;
      event.data.u32 = static_cast<uint32_t>(i);
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i]->fd(), &event);
    }
  }
  ~LoadRun() { ::close(epoll_); }
  LoadRun(const LoadRun&) = delete;
  LoadRun& operator=(const LoadRun&) = delete;

  LoadResult Run(double seconds) {
    watch_ = Stopwatch();
    waiting_ = static_cast<int>(connections_.size());
    for (int i = 0; i < waiting_; ++i) connections_[i]->Send(next_(i));
    result_.seconds = seconds;
    while (waiting_ > 0) {
      epoll_event events[64];
      const int n = ::epoll_wait(epoll_, events, 64, kPatienceMillis);
      if (n == 0) throw std::runtime_error("no answer for five minutes");
      for (int e = 0; e < n; ++e) {
        Serve(static_cast<int>(events[e].data.u32), seconds);
      }
    }
    return std::move(result_);
  }

 private:
  void Serve(int i, double seconds) {
    Connection& connection = *connections_[i];
    if (!connection.Continue()) return;
    const int status = connection.Receive();
    if (status == 0) return;
    ++result_.answers[status];
    if (watch_.Seconds() < seconds) {
      if (status == 200) {
        ++result_.in_time;
        result_.latencies.push_back(static_cast<float>(connection.Waited()));
      }
      connection.Send(next_(i));
    } else {
      --waiting_;
    }
  }

  const std::function<std::string_view(int)>& next_;
  const int epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  Stopwatch watch_;
  int waiting_ = 0;
  LoadResult result_;
};

}  // namespace

LoadResult Load(int port, int connections, double seconds,
                const std::function<std::string_view(int)>& next) {
  return LoadRun(port, connections, next).Run(seconds);
}

}  // namespace rekindle::bench
