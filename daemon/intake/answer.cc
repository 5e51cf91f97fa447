#include "daemon/intake/answer.h"

#include <boost/beast/http/status.hpp>

#include "config/base/json_text.h"

namespace rekindle {
namespace {

constexpr int kBusySeconds = 2;
constexpr int kRestartSeconds = 5;

}  // namespace

Answer Accepted() { return {200, R"({"success":true})", ""}; }

Answer Refused(const Problem& problem) {
  Answer answer{problem.status, R"({"success":false,"error":)", ""};
  AppendJsonString(&answer.body, problem.error);
  answer.body += R"(,"detail":)";
  AppendJsonString(&answer.body, problem.detail);
  answer.body += '}';
  return answer;
}

Answer ComeAgain(const Problem& problem, int seconds) {
  Answer answer = Refused(problem);
  // A client in a browser sees it only where it is told that it may.
  answer.headers = "Retry-After: " + std::to_string(seconds) +
                   "\r\nAccess-Control-Expose-Headers: Retry-After\r\n";
  return answer;
}

// Named are those that clients are known to send (AnonymousId: RudderStack's on
// every request), as Authorization has to be; * is for those of other releases.
Answer Preflight() {
  return {204, "",
          "Access-Control-Allow-Methods: POST, OPTIONS\r\n"
          "Access-Control-Allow-Headers: Authorization, Content-Type, "
          "Content-Encoding, X-Retry-Count, AnonymousId, *\r\n"
          "Access-Control-Max-Age: 86400\r\n"};
}

Answer PostOnly() {
  Answer answer = Refused(
      {405, "method not allowed", "calls of the tracking API are POST"});
  answer.headers = "Allow: POST, OPTIONS\r\n";
  return answer;
}

Answer TooManyBytes(size_t limit) {
  return Refused(
      {413, "request size exceeds max limit",
       "the body is larger than " + std::to_string(limit) + " bytes"});
}

Answer Busy() {
  return ComeAgain({429, "max requests limit reached",
                    "too much waits to be written; send again later"},
                   kBusySeconds);
}

Answer Stopping() {
  return ComeAgain({503, "service unavailable", "the service is stopping"},
                   kRestartSeconds);
}

Answer NotWritten() {
  return ComeAgain({503, "service unavailable",
                    "the messages could not be written; send again later"},
                   kRestartSeconds);
}

Answer NotLookedUp() {
  return ComeAgain({503, "service unavailable",
                    "this cannot be looked up; come again later"},
                   kRestartSeconds);
}

std::string ToText(const Answer& answer, bool keep_alive, bool http_1_0,
                   bool head_only) {
  const auto reason = boost::beast::http::obsolete_reason(
      static_cast<boost::beast::http::status>(answer.status));
  std::string text;
  text.reserve(256 + answer.body.size());
  text += "HTTP/1.1 " + std::to_string(answer.status) + " ";
  text.append(reason.data(), reason.size());
  text += "\r\nAccess-Control-Allow-Origin: *\r\n";
  if (!answer.body.empty()) {
    text += "Content-Type: ";
    text += answer.content_type;
    text += "\r\n";
  }
  if (answer.status != 204) {
    text += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  }
  if (!keep_alive) {
    text += "Connection: close\r\n";
  } else if (http_1_0) {
    text += "Connection: keep-alive\r\n";
  }
  text += answer.headers;
  text += "\r\n";
  if (!head_only) text += answer.body;
  return text;
}

}  // namespace rekindle
