// What a mail server's refusal means (RFC 5321, RFC 3463, RFC 5248).
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "channels/adapter/adapter.h"

namespace rekindle {

struct SmtpReply {
  int code = 0;          // 0: no reply
  std::string enhanced;  // "5.1.1"; empty where the server gave none
  std::string text;      // what follows the codes, lines joined by a space

  bool positive() const { return code >= 200 && code < 300; }
};

// Lines as they came, the last one ending the reply ("550 ..." after any
// "550-..."). An unfinished reply is no reply.
SmtpReply ParseSmtpReply(std::string_view lines);

// What the reply answered. A 550 to MAIL is about the sender, one to RCPT
// about the recipient: only the latter may suppress an address.
enum class SmtpStage {
  kSession,    // greeting, EHLO, STARTTLS, AUTH
  kSender,     // MAIL
  kRecipient,  // RCPT
  kMessage,    // DATA, and the message itself
};

// REQUIRES: reply.code >= 400.
OutcomeClass ClassifySmtp(SmtpStage stage, const SmtpReply& reply);

// How long to wait after the n-th temporary refusal (from 1). Servers that
// greylist take nothing earlier.
std::chrono::seconds SmtpPause(int attempt);

// The server's id of an accepted message ("queued as 4F12"); empty: none.
std::string QueueId(const SmtpReply& reply);

}  // namespace rekindle
