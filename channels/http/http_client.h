// Many HTTP requests in flight on one thread: what every HTTP adapter stands
// on (libcurl multi).
//
// What matters to a sender of messages is not only whether a request failed,
// but whether it may have arrived all the same. Everything up to the moment
// before the request's first byte (resolving, connecting, TLS) never left;
// everything after it may have arrived. libcurl by itself would send a request
// again over a new connection where a kept-alive one died under it; that is
// cut off here, because only the dispatcher repeats, and says so in the ledger.
//
// Redirects are never followed. Requests go out directly: proxies named in the
// environment are not used.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rekindle {

struct HttpOptions {
  std::chrono::milliseconds timeout{15000};  // of one whole exchange
  int max_in_flight = 32;
  size_t max_answer_bytes = 64 * 1024;  // what is kept of an answer's body
  bool refuse_private_addresses = false;
  std::string ca_file;  // PEM; empty: the system's authorities
};

struct HttpRequest {
  std::string url;
  std::vector<std::string> headers;  // "name: value"
  std::string body;
};

enum class HttpEnd {
  kAnswered,     // `status` came; its body may have been cut short
  kUnreachable,  // never left: not resolved, not connected, or in time
  kUntrusted,    // never left: TLS failed
  kRefused,      // never left: a private address, which options refuse
  kNoAnswer,     // it may have arrived; no answer came
};

struct HttpAnswer {
  HttpEnd end = HttpEnd::kUnreachable;
  int status = 0;                                   // 200 to 599 where answered
  std::string body;                                 // at most max_answer_bytes
  std::optional<std::chrono::seconds> retry_after;  // 0 to 1 day
  std::string error;  // libcurl's words where not answered
};

// Keeps connections open between calls for a few seconds. One thread at a
// time.
class HttpClient {
 public:
  explicit HttpClient(HttpOptions options);
  ~HttpClient();

  // POSTs requests 0 .. count-1, each built by `make` right before it goes
  // out, and calls `done` once for each as its exchange ends; returns when all
  // have. Takes at most ceil(count / max_in_flight) times the timeout.
  void Post(size_t count, const std::function<HttpRequest(size_t)>& make,
            const std::function<void(size_t, HttpAnswer)>& done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rekindle
