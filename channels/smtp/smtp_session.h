// One conversation with a mail server (RFC 5321): opens, logs in, sends one
// mail after another, its commands in one write where the server allows that
// (RFC 2920).
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>

#include "channels/adapter/adapter.h"
#include "channels/smtp/settings.h"
#include "channels/smtp/smtp_reply.h"
#include "channels/smtp/smtp_transport.h"

namespace rekindle {

struct SmtpMail {
  std::string sender;   // of the envelope: where bounces go
  std::string to;       // REQUIRES: IsMailAddress
  std::string message;  // in CRLF lines, not dot-stuffed
};

enum class SmtpEnd {
  kAccepted,     // the server replied so after the message's end
  kRefused,      // `reply` says why, `stage` to what
  kUnreachable,  // no connection, or it broke before the whole message left
  kNoSession,    // no TLS, or no way to log in; nothing left
  kNoAnswer,     // the whole message may have left; no reply came
};

struct SmtpResult {
  SmtpEnd end = SmtpEnd::kUnreachable;
  SmtpStage stage = SmtpStage::kSession;
  SmtpReply reply;
  std::string error;  // for where there is no reply
};

class SmtpSession {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Begins to connect. Both outlive the session.
  SmtpSession(const SmtpSettings& settings, const TlsContext& tls);
  // Says good-bye, without waiting for the answer.
  ~SmtpSession();

  // Takes a mail, to be done by the deadline, as soon as the session stands.
  // REQUIRES: !busy(), usable().
  void Begin(const ClaimedTouch& touch, SmtpMail mail, Time deadline);
  // Goes on as far as it can without waiting.
  void Advance(Time now);
  // Gives up what is under way.
  void Abort(const std::string& why);

  // Set once the mail is done; taking it makes room for the next.
  std::optional<SmtpResult> TakeResult();
  const ClaimedTouch* touch() const { return touch_; }
  SmtpMail TakeMail() { return std::move(mail_); }

  bool busy() const { return touch_ != nullptr; }
  bool usable() const { return usable_; }
  // Logged in, if asked for; nothing of the session itself can fail any more.
  bool established() const { return established_; }
  // A connection that had served before broke before any of this mail's text
  // left: the mail may go over another one, and is not doubled.
  bool went_stale() const { return went_stale_; }

  int fd() const { return transport_.fd(); }
  short events() const { return transport_.events(); }
  Time deadline() const { return deadline_; }

 private:
  // What a reply answers.
  enum class Step {
    kGreeting,
    kEhlo,
    kHelo,
    kStartTls,
    kAuth,
    kAuthUser,
    kAuthPassword,
    kReset,
    kSender,
    kRecipient,
    kData,
    kMessage,
  };
  static SmtpStage StageOf(Step step);

  void Say(std::string_view line, Step answered_by);
  void TakeReplies();
  void OnReply(Step step, const SmtpReply& reply, const std::string& lines);
  void OnGreeting(const SmtpReply& reply);
  void OnEhlo(const SmtpReply& reply, const std::string& lines);
  void OnData(const SmtpReply& reply);
  void Hello();
  void LogIn();
  void Establish();
  void StartMail();
  void Refuse(Step step, const SmtpReply& reply);
  void ConcludeIfDone();
  void Break(SmtpEnd end, const std::string& error);
  bool whole_message_left() const {
    return message_sent_ && transport_.flushed();
  }

  const SmtpSettings& settings_;
  SmtpTransport transport_;
  std::string in_;
  std::deque<Step> awaited_;
  bool usable_ = true;
  bool established_ = false;
  bool went_stale_ = false;
  bool served_ = false;  // a mail before this one
  bool needs_reset_ = false;
  bool pipelining_ = false;
  bool starttls_ = false;
  std::optional<std::string> auth_;  // the mechanisms offered

  const ClaimedTouch* touch_ = nullptr;
  SmtpMail mail_;
  Time deadline_ = Time::max();
  bool started_ = false;               // the mail's commands have begun
  bool message_sent_ = false;          // queued, its end included
  std::optional<SmtpResult> verdict_;  // known, while replies are awaited
  std::optional<SmtpResult> result_;
};

}  // namespace rekindle
