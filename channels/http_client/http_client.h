// Many HTTP requests in flight at once, on one thread (libcurl multi).
//
// What matters to a ledger is not only that a request failed, but whether it
// may have arrived all the same. Everything up to the moment before the
// request's first byte (resolving, connecting, TLS) never left; everything
// after it may have arrived. libcurl by itself would send a request again over
// a new connection where a kept-alive one died under it; that is cut off here,
// because only the dispatcher repeats, and says so in the ledger.
//
// Redirects are never followed. Requests go out directly: proxies named in the
// environment are not used.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "channels/adapter/adapter.h"

namespace rekindle {

struct HttpOptions {
  std::chrono::milliseconds timeout{15000};  // of one whole exchange
  int concurrency = 32;                      // requests in flight
  size_t max_answer_bytes = 64 * 1024;       // what is kept of an answer's body
  bool refuse_private_addresses = false;
  std::string ca_file;  // PEM; empty: the system's authorities
  std::vector<std::string> keep_headers;  // of answers, beside Retry-After
};

struct HttpRequest {
  std::string url;
  std::vector<std::string> headers;  // "name: value"
  std::string body;
  std::string method = "POST";
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
  int status = 0;      // 200 to 599 where answered
  std::string body;    // at most max_answer_bytes
  bool whole = false;  // the body has come to its end
  std::optional<std::chrono::seconds> retry_after;  // 0 to 1 day
  std::map<std::string, std::string> headers;       // those of keep_headers
  std::string error;  // libcurl's words where not answered
};

// Keeps connections open between calls for a few seconds. One thread at a
// time.
class HttpClient {
 public:
  explicit HttpClient(HttpOptions options);
  ~HttpClient();

  // Sends what the outbox gives, each request built by `make` right before it
  // goes out, and reports what `judge` makes of its answer, until the outbox
  // has ended. What `make` throws is reported as a bad message.
  void Run(Outbox& outbox,
           const std::function<HttpRequest(const ClaimedTouch&)>& make,
           const std::function<Outcome(const ClaimedTouch&, const HttpAnswer&)>&
               judge);

 private:
  friend class HttpRun;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rekindle
