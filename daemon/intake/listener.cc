#include "daemon/intake/listener.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <map>
#include <optional>
#include <thread>

#include "daemon/intake/answer.h"
#include "daemon/intake/call_reader.h"
#include "daemon/intake/connection.h"
#include "daemon/intake/http_stream.h"

namespace rekindle {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;
using boost::system::error_code;

constexpr int kBacklog = 4096;
constexpr unsigned kMostThreads = 8;
// At the end: how long clients without a request are still told 503, and how
// long those that are sending one may take.
constexpr auto kIdleGrace = 500ms;
constexpr auto kBusyGrace = 5s;
// What else the process may have open.
constexpr rlim_t kOtherFiles = 256;

// A process may open few files by default; each connection is one. Gives how
// many connections that allows.
int64_t MakeRoomForConnections(int64_t wanted) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
  const rlim_t needed = static_cast<rlim_t>(wanted) + kOtherFiles;
  if (files.rlim_cur < needed) {
    files.rlim_cur = std::min(needed, files.rlim_max);
    setrlimit(RLIMIT_NOFILE, &files);
    getrlimit(RLIMIT_NOFILE, &files);
  }
  const auto room = static_cast<int64_t>(files.rlim_cur - kOtherFiles);
  if (room < wanted) {
    spdlog::warn(
        "intake: the limit of open files allows {} connections, not {}", room,
        wanted);
  }
  return std::min(room, wanted);
}

// One thread and its connections; everything but Post and Join on it.
class Worker {
 public:
  explicit Worker(Reception& reception)
      : reception_(reception),
        work_(asio::make_work_guard(context_)),
        thread_([this] { context_.run(); }) {}

  Executor executor() { return context_.get_executor(); }

  template <class F>
  void Post(F f) {
    asio::post(context_, std::move(f));
  }

  void Serve(IntakeSocket socket) {
    const uint64_t id = next_id_++;
    auto connection =
        MakeConnection(std::move(socket), reception_, reader_, [this, id] {
          connections_.erase(id);
          --reception_.stats().connections;
        });
    connections_.emplace(id, connection);
    connection->Start();
  }

  void EndConnections(bool now) {
    // Ending one may take it out of the map.
    std::vector<std::shared_ptr<Connection>> all;
    for (const auto& [id, connection] : connections_) all.push_back(connection);
    for (const auto& connection : all) connection->End(now);
  }

  void Join() {
    work_.reset();
    thread_.join();
  }

 private:
  Reception& reception_;
  asio::io_context context_{1};
  asio::executor_work_guard<Executor> work_;
  CallReader reader_;
  uint64_t next_id_ = 0;
  std::map<uint64_t, std::shared_ptr<Connection>> connections_;
  std::thread thread_;
};

// Answers clients for whom there is no place; they may wait for one.
class TurnAway {
 public:
  explicit TurnAway(IntakeStats& stats) : stats_(stats) {}

  void Answer(IntakeSocket& socket, int64_t most) {
    static const std::string kText = ToText(
        ComeAgain({503, "service unavailable", "too many connections"}, 2),
        false, false);
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(kText), ignored);
    stats_.CountRequest(503, 0us);
    TellLog(most);
  }

 private:
  // At most one line a minute.
  void TellLog(int64_t most) {
    ++untold_;
    const auto now = std::chrono::steady_clock::now();
    if (told_at_ && now - *told_at_ < kBetweenLines) return;
    spdlog::warn("intake: {} turned away, as there are {} already",
                 untold_ == 1 ? "1 connection was"
                              : fmt::format("{} connections were", untold_),
                 most);
    told_at_ = now;
    untold_ = 0;
  }

  static constexpr auto kBetweenLines = 1min;

  IntakeStats& stats_;
  std::optional<std::chrono::steady_clock::time_point> told_at_;
  int64_t untold_ = 0;
};

}  // namespace

struct Listener::Impl {
  explicit Impl(Reception& r) : reception(r), turn_away(r.stats()) {}

  Status Bind(const ListenAddress& address);
  void StartThreads();
  Task<void> Accept();
  void Admit(IntakeSocket socket, Worker& worker);
  // False where some are left after the time.
  bool WaitForConnections(std::chrono::milliseconds time);

  Reception& reception;
  TurnAway turn_away;  // of the thread that accepts
  int64_t room = 0;    // connections that the system allows
  int port = 0;
  std::vector<std::unique_ptr<Worker>> workers;
  asio::io_context accepting{1};
  asio::basic_socket_acceptor<tcp, Executor> acceptor{accepting};
  std::thread thread;
};

Status Listener::Impl::Bind(const ListenAddress& address) {
  auto fail = [&](const error_code& error) -> Status {
    return Fail(ErrorKind::kIo,
                fmt::format("cannot take in events on {}:{}: {}", address.host,
                            address.port, error.message()));
  };
  error_code error;
  tcp::resolver resolver(accepting);
  const auto found =
      resolver.resolve(address.host, std::to_string(address.port),
                       tcp::resolver::passive, error);
  if (error) return fail(error);
  const tcp::endpoint endpoint = found.begin()->endpoint();
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(kBacklog, error);
  if (error) return fail(error);
  port = acceptor.local_endpoint().port();
  return {};
}

void Listener::Impl::StartThreads() {
  room = MakeRoomForConnections(reception.max_connections());
  const unsigned cores = std::thread::hardware_concurrency();
  for (unsigned i = 0; i < std::clamp(cores, 1u, kMostThreads); ++i) {
    workers.push_back(std::make_unique<Worker>(reception));
  }
  asio::co_spawn(accepting, Accept(), asio::detached);
  thread = std::thread([this] { accepting.run(); });
}

Task<void> Listener::Impl::Accept() {
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>,
                             Executor>
      pause(accepting);
  for (size_t next = 0; acceptor.is_open(); ++next) {
    Worker& worker = *workers[next % workers.size()];
    IntakeSocket socket(worker.executor());
    error_code error;
    co_await acceptor.async_accept(socket, Into(error));
    if (!error) {
      Admit(std::move(socket), worker);
    } else if (acceptor.is_open()) {
      // Out of files or memory: those who left meanwhile make room.
      pause.expires_after(100ms);
      co_await pause.async_wait(Into(error));
    }
  }
}

void Listener::Impl::Admit(IntakeSocket socket, Worker& worker) {
  auto& connections = reception.stats().connections;
  const int64_t most = std::min(room, reception.max_connections());
  if (++connections > most) {
    --connections;
    return turn_away.Answer(socket, most);
  }
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  worker.Post([&worker, socket = std::move(socket)]() mutable {
    worker.Serve(std::move(socket));
  });
}

bool Listener::Impl::WaitForConnections(std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (reception.stats().connections > 0) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

Result<std::unique_ptr<Listener>> Listener::Start(const ListenAddress& address,
                                                  Reception& reception) {
  auto impl = std::make_unique<Impl>(reception);
  if (Status bound = impl->Bind(address); !bound) {
    return tl::make_unexpected(bound.error());
  }
  impl->StartThreads();
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Listener::~Listener() {
  impl_->reception.Stop();
  asio::post(impl_->accepting, [this] {
    error_code ignored;
    impl_->acceptor.close(ignored);
  });
  impl_->thread.join();
  auto end_connections = [this](bool now) {
    for (auto& worker : impl_->workers) {
      worker->Post([&worker = *worker, now] { worker.EndConnections(now); });
    }
  };
  if (!impl_->WaitForConnections(kIdleGrace)) {
    end_connections(false);
    if (!impl_->WaitForConnections(kBusyGrace)) end_connections(true);
  }
  // What was handed to a committer comes back to its connection in any case.
  while (!impl_->WaitForConnections(kBusyGrace)) {
    spdlog::warn("intake: the last messages are still being written");
  }
  for (auto& worker : impl_->workers) worker->Join();
}

int Listener::port() const { return impl_->port; }

}  // namespace rekindle
