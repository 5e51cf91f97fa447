#include "daemon/polling/channel_poll.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace rekindle {
namespace {

using namespace std::chrono_literals;

constexpr auto kIdle = 1h;
// Between two tries to write what came.
constexpr auto kWritePause = 5s;
// Answers in a row of a provider that always has more.
constexpr int kMostInARow = 100;
constexpr size_t kMostCollected = 10'000;
// A wall clock that differs by more from the steady one was set.
constexpr auto kJump = 1min;

// Equal for answers that say the same.
size_t Fingerprint(const std::vector<Receipt>& receipts) {
  size_t sum = receipts.size();
  for (const Receipt& receipt : receipts) {
    const std::string text = receipt.touch_id + '\n' + receipt.provider_id +
                             '\n' +
                             std::string(ReceiptStateName(receipt.state));
    sum = sum * 31 + std::hash<std::string>()(text);
  }
  return sum;
}

const Channel* FindPolled(const Configuration& configuration,
                          const std::string& id) {
  const Channel* const channel = configuration.FindChannel(id);
  const bool polled =
      channel != nullptr && channel->receipts && channel->receipts->poll;
  return polled ? channel : nullptr;
}

}  // namespace

ChannelPoll::ChannelPoll(Session& session, ReceiptCommitter& committer,
                         std::string channel, const StopSignal& stop)
    : session_(session),
      id_(std::move(channel)),
      stop_(stop),
      collected_(committer),
      log_(id_) {}

ChannelPoll::~ChannelPoll() {
  const size_t left = collected_.size();
  if (!collected_.Write()) {
    spdlog::error(
        "channel {}: {} receipts that the provider told were not written and "
        "are lost, unless it tells them again",
        id_, left);
  }
}

PollStats ChannelPoll::stats() const {
  std::lock_guard lock(mutex_);
  return stats_;
}

ChannelPoll::Time ChannelPoll::Here() const {
  return now_ + (std::chrono::steady_clock::now() - began_);
}

ChannelPoll::Time ChannelPoll::Work(Time now) {
  now_ = now;
  began_ = std::chrono::steady_clock::now();
  Adopt(session_.configuration());
  if (!collected_.Write()) return now + kWritePause;
  if (channel_ == nullptr) return now + kIdle;
  Time due = asked_at_ && !round_ ? *asked_at_ + poll().every : now;
  due = std::max(due, left_alone_until_);
  if (now < due) return due;
  left_alone_ = false;
  if (poll().per_touch ? AskAboutTouches() : AskForAll()) {
    // A long round is followed by some rest.
    asked_at_ = std::max(now, Here() - poll().every / 2);
    return *asked_at_ + poll().every;
  }
  if (collected_.size() > 0) return Here() + kWritePause;
  return left_alone_ ? left_alone_until_ : Here();
}

void ChannelPoll::Adopt(std::shared_ptr<const Configuration> configuration) {
  if (configuration == configuration_) return;
  std::chrono::seconds reached_back{-1};  // nowhere: it was not polled
  if (channel_ != nullptr) reached_back = poll().give_up_after;
  configuration_ = std::move(configuration);
  channel_ = FindPolled(*configuration_, id_);
  asker_.reset();
  next_begin_ = 0;
  // A round that is to reach back less far, or further, begins anew.
  if (channel_ == nullptr || !poll().per_touch ||
      poll().give_up_after != reached_back) {
    round_.reset();
  }
  if (channel_ == nullptr) {
    asked_at_.reset();
    std::lock_guard lock(mutex_);
    stats_.failing = false;
    stats_.waiting = 0;
    return;
  }
  asker_ = std::make_unique<ReceiptAsker>(id_, *channel_->receipts,
                                          session_.clock(), stop_);
}

// Where Work is called again at once.
bool ChannelPoll::MayGoOn() const {
  return !left_alone_ && !stop_.stopped() &&
         session_.configuration() == configuration_;
}

bool ChannelPoll::AskForAll() {
  const ReceiptQuestion question;
  size_t before = 0;
  for (int i = 0; i < kMostInARow; ++i) {
    size_t said = 0;
    asker_->Ask({&question, 1}, [&](const auto& asked, ReceiptReply reply) {
      said = Fingerprint(reply.read.receipts);
      return Take(asked, std::move(reply));
    });
    if (!collected_.Write()) return false;
    if (!MayGoOn()) return false;
    if (said == 0 || said == before) break;
    before = said;
  }
  return true;
}

bool ChannelPoll::AskAboutTouches() {
  if (!round_) BeginRound();
  while (true) {
    const auto questions = round_->Next(*channel_);
    if (questions.empty()) break;
    asker_->Ask(questions, [&](const auto& asked, ReceiptReply reply) {
      const std::string& id = asked.touch.touch_id;
      if (reply.kind == ReceiptReply::Kind::kAnswered || reply.of_touch) {
        round_->Done(id);
      } else if (!reply.of_provider) {
        round_->Failed(id);
      }
      return Take(asked, std::move(reply)) &&
             collected_.size() < kMostCollected;
    });
    if (!collected_.Write() || !MayGoOn()) return false;
  }
  EndRound();
  return true;
}

void ChannelPoll::BeginRound() {
  const Instant until = session_.clock().Now();
  std::optional<Instant> since;
  if (reached_) {
    const auto passed =
        std::chrono::duration_cast<Instant::duration>(now_ - reached_at_);
    const auto jump = (until - *reached_) - passed;
    if (jump > kJump || jump < -kJump) {
      next_begin_ = 0;  // and all are asked about, as after a start
    } else {
      since = std::min(*reached_, until - passed);
    }
  }
  round_began_ = now_;
  round_.emplace(session_.engine(), *channel_, since, until, next_begin_,
                 missed_);
}

void ChannelPoll::EndRound() {
  reached_ = round_->until();
  reached_at_ = round_began_;
  next_begin_ = round_->next_begin();
  missed_ = round_->missed();
  log_.RoundIsOver();
  std::lock_guard lock(mutex_);
  stats_.waiting = round_->waiting();
  round_.reset();
}

bool ChannelPoll::Take(const ReceiptQuestion& question, ReceiptReply reply) {
  const bool answered = reply.kind == ReceiptReply::Kind::kAnswered;
  {
    std::lock_guard lock(mutex_);
    ++stats_.asked[static_cast<size_t>(reply.kind)];
    stats_.receipts += static_cast<int64_t>(reply.read.receipts.size());
    const bool readable = reply.kind != ReceiptReply::Kind::kUnreadable;
    if (!reply.of_touch || !readable) stats_.failing = !answered;
  }
  if (answered) {
    log_.Answered();
    collected_.Add(id_, std::move(reply.read));
    return true;
  }
  if (reply.of_touch) {
    log_.TroubleOf(question.touch.touch_id, reply);
    return true;
  }
  log_.Trouble(reply);
  left_alone_ = true;
  const auto pause = std::max<std::chrono::seconds>(
      poll().every, reply.retry_after.value_or(0s));
  left_alone_until_ = std::max(left_alone_until_, Here() + pause);
  return false;
}

}  // namespace rekindle
