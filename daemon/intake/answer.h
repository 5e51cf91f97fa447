// Answers of the intake as they go over the wire.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "daemon/intake/problem.h"

namespace rekindle {

struct Answer {
  int status = 200;
  std::string body;     // may be empty
  std::string headers;  // further ones, each with its line end
  std::string_view content_type = "application/json";
};

// 200: everything that the call brought is durable.
Answer Accepted();
// {"success":false,"error":..,"detail":..}
Answer Refused(const Problem& problem);
// A temporary condition (429, 503): come again after so many seconds.
Answer ComeAgain(const Problem& problem, int seconds);
// Answers a browser that asks whether it may call from another site (CORS).
Answer Preflight();
Answer PostOnly();                  // 405
Answer TooManyBytes(size_t limit);  // 413: the body
// After these the client may come again: too much waits to be written, the
// service ends, the messages could not be written, a token could not be looked
// up.
Answer Busy();
Answer Stopping();
Answer NotWritten();
Answer NotLookedUp();

// The answer with its status line; `head_only` leaves out the body, not its
// length. HTTP/1.0 clients are told when the connection stays open, others when
// it ends.
std::string ToText(const Answer& answer, bool keep_alive, bool http_1_0,
                   bool head_only = false);

}  // namespace rekindle
