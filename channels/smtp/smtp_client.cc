#include "channels/smtp/smtp_client.h"

#include <poll.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "channels/adapter/answer_text.h"

namespace rekindle {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

SmtpClient::SmtpClient(const SmtpSettings& settings) : settings_(settings) {}

SmtpClient::~SmtpClient() = default;

// One call of SmtpClient::Run.
class SmtpRun {
 public:
  SmtpRun(SmtpClient& client, Outbox& outbox, const SmtpClient::Make& make,
          const SmtpClient::Judge& judge)
      : client_(client),
        settings_(client.settings_),
        outbox_(outbox),
        make_(make),
        judge_(judge) {}
  // Also where something was thrown: no session may keep a touch that is gone.
  ~SmtpRun() {
    std::erase_if(client_.sessions_, [](auto& s) { return s->busy(); });
  }

  void Work() {
    DropDead();
    while (true) {
      Start();
      if (!AnyBusy() && again_.empty() && outbox_.ended()) return;
      Wait();
      AdvanceThoseWithNews();
      if (outbox_.cancelled()) CancelAll();
      Reap();
    }
  }

 private:
  using Sessions = std::vector<std::unique_ptr<SmtpSession>>;

  void Start();
  void StartOne(const ClaimedTouch& touch);
  void Begin(SmtpSession& session, const ClaimedTouch& touch, SmtpMail mail,
             SmtpSession::Time deadline);
  static bool IsFree(const SmtpSession& session) {
    return session.established() && session.usable() && !session.busy();
  }
  // A session that takes a mail now. REQUIRES: HasRoom().
  SmtpSession* Free();
  bool HasRoom() const;
  bool MayOpen() const;
  bool AnyBusy() const;
  void Wait();
  void AdvanceThoseWithNews();
  void Reap();
  void Conclude(SmtpSession& session);
  void CancelAll();
  void DropDead();

  // A mail whose idle connection had died under it.
  struct Again {
    const ClaimedTouch* touch;
    SmtpMail mail;
    SmtpSession::Time deadline;
  };

  SmtpClient& client_;
  const SmtpSettings& settings_;
  Outbox& outbox_;
  const SmtpClient::Make& make_;
  const SmtpClient::Judge& judge_;
  std::vector<Again> again_;
  std::set<const ClaimedTouch*> retried_;        // each once
  std::optional<SmtpSession::Time> not_before_;  // after a failed session
  std::vector<pollfd> polled_;  // the sessions in order, then the outbox
};

bool SmtpRun::AnyBusy() const {
  return std::any_of(client_.sessions_.begin(), client_.sessions_.end(),
                     [](const auto& s) { return s->busy(); });
}

bool SmtpRun::MayOpen() const {
  const Sessions& sessions = client_.sessions_;
  if (sessions.size() >= static_cast<size_t>(settings_.concurrency)) {
    return false;
  }
  if (not_before_ && Steady::now() < *not_before_) return false;
  // While none stands, one alone is tried.
  return sessions.empty() ||
         std::any_of(sessions.begin(), sessions.end(),
                     [](const auto& s) { return s->established(); });
}

SmtpSession* SmtpRun::Free() {
  for (auto& session : client_.sessions_) {
    if (IsFree(*session)) return session.get();
  }
  if (!client_.tls_) {
    client_.tls_ = std::make_unique<TlsContext>(settings_.ca_file);
  }
  client_.sessions_.push_back(
      std::make_unique<SmtpSession>(settings_, *client_.tls_));
  return client_.sessions_.back().get();
}

bool SmtpRun::HasRoom() const {
  const Sessions& sessions = client_.sessions_;
  return MayOpen() || std::any_of(sessions.begin(), sessions.end(),
                                  [](const auto& s) { return IsFree(*s); });
}

void SmtpRun::Start() {
  while (!again_.empty() && HasRoom()) {
    Again again = std::move(again_.back());
    again_.pop_back();
    Begin(*Free(), *again.touch, std::move(again.mail), again.deadline);
  }
  while (again_.empty() && HasRoom()) {
    const ClaimedTouch* touch = outbox_.Next();
    if (touch == nullptr) return;
    StartOne(*touch);
  }
}

void SmtpRun::StartOne(const ClaimedTouch& touch) {
  try {
    auto made = make_(touch);
    if (const auto* outcome = std::get_if<Outcome>(&made)) {
      return outbox_.Report(touch, *outcome);
    }
    Begin(*Free(), touch, std::get<SmtpMail>(std::move(made)),
          Steady::now() + settings_.timeout);
  } catch (const std::exception& e) {
    outbox_.Report(touch, {OutcomeClass::kBadMessage,
                           std::string("cannot be put into a mail: ") +
                               AnswerText(e.what(), {touch.address})});
  }
}

void SmtpRun::Begin(SmtpSession& session, const ClaimedTouch& touch,
                    SmtpMail mail, SmtpSession::Time deadline) {
  session.Begin(touch, std::move(mail), deadline);
  session.Advance(Steady::now());
}

void SmtpRun::Wait() {
  polled_.clear();
  auto patience = std::chrono::milliseconds(1000);
  const auto now = Steady::now();
  for (const auto& session : client_.sessions_) {
    const bool waits =
        session->usable() && session->fd() >= 0 && session->events() != 0;
    polled_.push_back({waits ? session->fd() : -1, session->events(), 0});
    if (!waits) patience = 0ms;  // it has ended already
    if (!session->busy()) continue;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(session->deadline() - now);
    patience = std::clamp(left, 0ms, patience);
  }
  if (not_before_ && now < *not_before_) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(*not_before_ - now);
    patience = std::min(patience, left);
  }
  // With no room for another, news of the outbox can wait.
  if (HasRoom()) {
    patience = std::min(patience, outbox_.patience());
    polled_.push_back({outbox_.ready_fd(), POLLIN, 0});
  }
  poll(polled_.data(), polled_.size(), static_cast<int>(patience.count()));
}

void SmtpRun::AdvanceThoseWithNews() {
  const auto now = Steady::now();
  for (size_t i = 0; i < client_.sessions_.size(); ++i) {
    SmtpSession& session = *client_.sessions_[i];
    const bool waits = polled_[i].fd >= 0 && polled_[i].revents == 0;
    if (!waits || now >= session.deadline()) session.Advance(now);
  }
}

void SmtpRun::Reap() {
  // Conclude may open none, so the list stands still.
  for (auto& session : client_.sessions_) Conclude(*session);
  DropDead();
}

void SmtpRun::Conclude(SmtpSession& session) {
  const ClaimedTouch* touch = session.touch();
  const auto deadline = session.deadline();
  const auto result = session.TakeResult();
  if (!result) return;
  if (session.went_stale() && !outbox_.cancelled() &&
      retried_.insert(touch).second) {
    again_.push_back({touch, session.TakeMail(), deadline});
    return;
  }
  const bool session_failed =
      result->stage == SmtpStage::kSession && result->end != SmtpEnd::kAccepted;
  if (session_failed) {
    not_before_ = Steady::now() + 1s;
  } else {
    not_before_.reset();
  }
  retried_.erase(touch);
  outbox_.Report(*touch, judge_(*touch, *result));
}

void SmtpRun::CancelAll() {
  for (auto& session : client_.sessions_) {
    if (session->busy()) session->Abort("given up while the daemon stops");
  }
  for (const Again& again : std::exchange(again_, {})) {
    outbox_.Report(
        *again.touch,
        judge_(*again.touch, {.error = "given up while the daemon stops"}));
  }
}

void SmtpRun::DropDead() {
  std::erase_if(client_.sessions_,
                [](const auto& s) { return !s->usable() && !s->busy(); });
}

void SmtpClient::Run(Outbox& outbox, const Make& make, const Judge& judge) {
  SmtpRun(*this, outbox, make, judge).Work();
}

}  // namespace rekindle
