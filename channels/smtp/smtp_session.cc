#include "channels/smtp/smtp_session.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "config/base/base64.h"
#include "config/base/words.h"

namespace rekindle {
namespace {

constexpr size_t kMaxReply = 16 * 1024;

std::string Upper(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  return upper;
}

std::string MachineName() {
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') {
    return "localhost";
  }
  return name;
}

// The first whole reply at the start of `in`, taken out of it; nothing where
// it is not all there. `bad` where it cannot be one.
std::optional<std::string> TakeReply(std::string* in, bool* bad) {
  size_t begin = 0;
  while (true) {
    const size_t end = in->find('\n', begin);
    if (end == in->npos) {
      *bad = in->size() > kMaxReply;
      return std::nullopt;
    }
    const std::string_view line(in->data() + begin, end - begin);
    const bool digits =
        line.size() >= 3 &&
        std::all_of(line.begin(), line.begin() + 3,
                    [](unsigned char c) { return std::isdigit(c) != 0; });
    if (!digits || end > kMaxReply) {
      *bad = true;
      return std::nullopt;
    }
    begin = end + 1;
    if (line.size() > 3 && line[3] == '-') continue;
    std::string reply = in->substr(0, begin);
    in->erase(0, begin);
    return reply;
  }
}

// A line that begins with a dot gets another, and a dot alone ends it all.
std::string DotStuffed(const std::string& message) {
  std::string text;
  text.reserve(message.size() + 16);
  size_t begin = 0;
  while (begin < message.size()) {
    if (message[begin] == '.') text += '.';
    const size_t end = std::min(message.find('\n', begin), message.size() - 1);
    text.append(message, begin, end + 1 - begin);
    begin = end + 1;
  }
  if (!message.empty() && message.back() != '\n') text += "\r\n";
  return text += ".\r\n";
}

}  // namespace

SmtpStage SmtpSession::StageOf(Step step) {
  switch (step) {
    case Step::kSender:
      return SmtpStage::kSender;
    case Step::kRecipient:
      return SmtpStage::kRecipient;
    case Step::kData:
    case Step::kMessage:
      return SmtpStage::kMessage;
    default:
      return SmtpStage::kSession;
  }
}

SmtpSession::SmtpSession(const SmtpSettings& settings, const TlsContext& tls)
    : settings_(settings), transport_(settings, tls) {
  awaited_.push_back(Step::kGreeting);
}

SmtpSession::~SmtpSession() {
  if (!established_ || busy() || !usable_) return;
  transport_.Queue("QUIT\r\n");
  transport_.Flush();
}

void SmtpSession::Begin(const ClaimedTouch& touch, SmtpMail mail,
                        Time deadline) {
  touch_ = &touch;
  mail_ = std::move(mail);
  deadline_ = deadline;
  started_ = message_sent_ = false;
  verdict_.reset();
  result_.reset();
  if (established_) StartMail();
}

std::optional<SmtpResult> SmtpSession::TakeResult() {
  if (!result_) return std::nullopt;
  touch_ = nullptr;
  deadline_ = Time::max();
  served_ = true;
  return std::exchange(result_, std::nullopt);
}

void SmtpSession::Advance(Time now) {
  if (!usable_) return;
  transport_.Advance(&in_);
  TakeReplies();
  if (!usable_ || result_) return;
  if (transport_.failed()) {
    const bool untrusted =
        transport_.state() == SmtpTransport::State::kUntrusted;
    Break(untrusted ? SmtpEnd::kNoSession : SmtpEnd::kUnreachable,
          transport_.error());
  } else if (busy() && now >= deadline_) {
    Break(SmtpEnd::kUnreachable, "not done within " +
                                     std::to_string(settings_.timeout.count()) +
                                     " seconds");
  }
  // What the replies made us say goes out at once.
  if (usable_) transport_.Flush();
}

void SmtpSession::Abort(const std::string& why) {
  Break(SmtpEnd::kUnreachable, why);
}

void SmtpSession::Say(std::string_view line, Step answered_by) {
  transport_.Queue(line);
  transport_.Queue("\r\n");
  awaited_.push_back(answered_by);
}

void SmtpSession::TakeReplies() {
  while (usable_) {
    bool bad = false;
    const auto lines = TakeReply(&in_, &bad);
    if (bad) return Break(SmtpEnd::kUnreachable, "that is no SMTP");
    if (!lines) return;
    // An idle server may say why it is about to hang up.
    if (awaited_.empty()) return Break(SmtpEnd::kUnreachable, "unasked reply");
    const Step step = awaited_.front();
    awaited_.pop_front();
    OnReply(step, ParseSmtpReply(*lines), *lines);
  }
}

void SmtpSession::OnReply(Step step, const SmtpReply& reply,
                          const std::string& lines) {
  switch (step) {
    case Step::kGreeting:
      return OnGreeting(reply);
    case Step::kEhlo:
      return OnEhlo(reply, lines);
    case Step::kHelo:
      return reply.positive() ? Establish() : Refuse(step, reply);
    case Step::kStartTls:
      if (!reply.positive()) return Refuse(step, reply);
      // Bytes that came before TLS stood may be anybody's.
      if (!in_.empty())
        return Break(SmtpEnd::kNoSession,
                     "TLS failed: bytes "
                     "in the clear");
      transport_.StartTls();
      return Hello();
    case Step::kAuthUser:
    case Step::kAuthPassword:
      if (reply.code != 334) return Refuse(step, reply);
      if (step == Step::kAuthUser) {
        return Say(EncodeBase64(settings_.user), Step::kAuthPassword);
      }
      return Say(EncodeBase64(settings_.password.Reveal()), Step::kAuth);
    case Step::kAuth:
      return reply.positive() ? Establish() : Refuse(step, reply);
    case Step::kReset:
      if (!reply.positive()) Refuse(step, reply);
      return;
    case Step::kSender:
    case Step::kRecipient:
      if (!reply.positive()) {
        Refuse(step, reply);
      } else if (!pipelining_ && !verdict_) {
        step == Step::kSender
            ? Say("RCPT TO:<" + mail_.to + '>', Step::kRecipient)
            : Say("DATA", Step::kData);
      }
      return ConcludeIfDone();
    case Step::kData:
      return OnData(reply);
    case Step::kMessage:
      if (!verdict_) {
        SmtpResult result;
        result.end = reply.positive() ? SmtpEnd::kAccepted : SmtpEnd::kRefused;
        result.stage = SmtpStage::kMessage;
        result.reply = reply;
        verdict_ = result;
      }
      return ConcludeIfDone();
  }
}

void SmtpSession::OnGreeting(const SmtpReply& reply) {
  if (!reply.positive()) return Refuse(Step::kGreeting, reply);
  Hello();
}

void SmtpSession::Hello() {
  const std::string name =
      settings_.ehlo.empty() ? MachineName() : settings_.ehlo;
  Say("EHLO " + name, Step::kEhlo);
}

void SmtpSession::OnEhlo(const SmtpReply& reply, const std::string& lines) {
  const bool needs_more =
      settings_.tls == SmtpTls::kStartTls || !settings_.user.empty();
  if (!reply.positive()) {
    if (reply.code >= 500 && !needs_more) {
      return Say(
          "HELO " + (settings_.ehlo.empty() ? MachineName() : settings_.ehlo),
          Step::kHelo);
    }
    return Refuse(Step::kEhlo, reply);
  }
  pipelining_ = false;
  auth_.reset();
  bool starttls = false;
  for (const std::string& line : Split(lines, '\n')) {
    const std::string word = Upper(Trim(line.size() > 4 ? line.substr(4) : ""));
    pipelining_ |= word == "PIPELINING";
    starttls |= word == "STARTTLS";
    if (word.starts_with("AUTH ")) auth_ = word.substr(5);
  }
  if (settings_.tls == SmtpTls::kStartTls && !starttls_) {
    if (!starttls) {
      return Break(SmtpEnd::kNoSession, "the server does not offer STARTTLS");
    }
    starttls_ = true;
    return Say("STARTTLS", Step::kStartTls);
  }
  LogIn();
}

// A server that offers no log-in is not asked for one.
void SmtpSession::LogIn() {
  if (settings_.user.empty() || !auth_) return Establish();
  const std::vector<std::string> offered = Split(*auth_, ' ');
  const auto offers = [&](std::string_view mechanism) {
    return std::find(offered.begin(), offered.end(), mechanism) !=
           offered.end();
  };
  if (offers("PLAIN")) {
    std::string secret;
    secret += '\0';
    secret += settings_.user;
    secret += '\0';
    secret += settings_.password.Reveal();
    return Say("AUTH PLAIN " + EncodeBase64(secret), Step::kAuth);
  }
  if (offers("LOGIN")) return Say("AUTH LOGIN", Step::kAuthUser);
  Break(SmtpEnd::kNoSession,
        "the server offers no way to log in that is known here (PLAIN, "
        "LOGIN), only " +
            *auth_);
}

void SmtpSession::Establish() {
  established_ = true;
  if (busy()) StartMail();
}

void SmtpSession::StartMail() {
  started_ = true;
  if (std::exchange(needs_reset_, false)) Say("RSET", Step::kReset);
  Say("MAIL FROM:<" + mail_.sender + '>', Step::kSender);
  if (!pipelining_) return;
  Say("RCPT TO:<" + mail_.to + '>', Step::kRecipient);
  Say("DATA", Step::kData);
}

void SmtpSession::OnData(const SmtpReply& reply) {
  if (reply.code != 354) {
    Refuse(Step::kData, reply);
    return ConcludeIfDone();
  }
  // The server would take a message though it refused its recipient: an empty
  // one for nobody ends that.
  if (verdict_) return Say(".", Step::kMessage);
  transport_.Queue(DotStuffed(mail_.message));
  awaited_.push_back(Step::kMessage);
  message_sent_ = true;
}

void SmtpSession::Refuse(Step step, const SmtpReply& reply) {
  if (!verdict_) {
    SmtpResult result;
    result.end = SmtpEnd::kRefused;
    result.stage = StageOf(step);
    result.reply = reply;
    // Neither yes nor no, 354 to MAIL say: nothing has left.
    if (reply.code < 400) {
      result.end = SmtpEnd::kUnreachable;
      result.error = "an answer that makes no sense";
    }
    verdict_ = result;
    needs_reset_ = true;
  }
  if (result_ || established_) return;
  // The session itself was refused.
  usable_ = false;
  if (busy()) result_ = verdict_;
}

void SmtpSession::ConcludeIfDone() {
  if (!verdict_ || !awaited_.empty() || !busy()) return;
  result_ = std::exchange(verdict_, std::nullopt);
  // 421: the server is about to hang up.
  if (result_->reply.code == 421) usable_ = false;
}

void SmtpSession::Break(SmtpEnd end, const std::string& error) {
  usable_ = false;
  if (!busy() || result_) return;
  // A refusal that came stands, even where the rest did not.
  if (verdict_) {
    result_ = verdict_;
    return;
  }
  SmtpResult result;
  result.end = whole_message_left() ? SmtpEnd::kNoAnswer : end;
  result.stage = started_ ? SmtpStage::kSender : SmtpStage::kSession;
  if (message_sent_) result.stage = SmtpStage::kMessage;
  result.error = error;
  went_stale_ = served_ && !message_sent_ && transport_.failed();
  result_ = result;
}

}  // namespace rekindle
