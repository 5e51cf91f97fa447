#include "daemon/intake/answer.h"

#include <boost/beast/http/status.hpp>

#include "engine/intake/json_text.h"

namespace rekindle {

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
  answer.headers = "Retry-After: " + std::to_string(seconds) + "\r\n";
  return answer;
}

Answer Preflight() {
  return {204, "",
          "Access-Control-Allow-Methods: POST, OPTIONS\r\n"
          "Access-Control-Allow-Headers: Authorization, Content-Type, "
          "Content-Encoding, X-Retry-Count\r\n"
          "Access-Control-Max-Age: 86400\r\n"};
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
