// One mail after another over one connection (libcurl), and how each ended.
#pragma once

#include <memory>
#include <string>

#include "channels/smtp/settings.h"
#include "channels/smtp/smtp_reply.h"

namespace rekindle {

enum class SmtpEnd {
  kAccepted,     // the server replied so after the message's end
  kRefused,      // `reply` says why, `stage` to what
  kUnreachable,  // no connection, or it broke before the whole message left
  kNoSession,    // TLS or a way to log in is not to be had; nothing left
  kNoAnswer,     // the whole message may have left; no reply came
};

struct SmtpResult {
  SmtpEnd end = SmtpEnd::kUnreachable;
  SmtpStage stage = SmtpStage::kSession;
  SmtpReply reply;
  std::string error;  // libcurl's words, for where there is no reply
};

// One thread at a time.
class SmtpClient {
 public:
  explicit SmtpClient(const SmtpSettings& settings);
  ~SmtpClient();

  // `message` in CRLF lines, not dot-stuffed. REQUIRES: IsMailAddress of both
  // `sender` (of the envelope) and `to`.
  SmtpResult Send(const std::string& sender, const std::string& to,
                  const std::string& message);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rekindle
