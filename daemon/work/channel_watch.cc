#include "daemon/work/channel_watch.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <optional>

#include "engine/oversight/notices.h"

namespace rekindle {
namespace {

using namespace std::chrono_literals;

constexpr auto kEvery = 10s;

constexpr char kStopped[] = "stopped";
constexpr char kDeliversLess[] = "delivers_less";
constexpr char kWorksAgain[] = "works_again";

constexpr int64_t kEnoughInAnHour = 50;
constexpr int64_t kEnoughInAWeek = 200;

bool HasClearAnswer(const ChannelStats& stats) {
  const auto count = [&](OutcomeClass what) {
    return stats.outcomes[static_cast<size_t>(what)];
  };
  return count(OutcomeClass::kAccepted) + count(OutcomeClass::kDeadRecipient) +
             count(OutcomeClass::kBadMessage) >
         0;
}

// Whom to tell of the channel; nobody through itself.
std::optional<NoticeReceiver> ReceiverOf(const Channel& about,
                                         const Configuration& configuration) {
  const std::string& through = about.delivery.notify.empty()
                                   ? configuration.notices.channel
                                   : about.delivery.notify;
  if (through == about.id || configuration.FindChannel(through) == nullptr) {
    return std::nullopt;
  }
  return NoticeReceiver{through, configuration.notices.to};
}

}  // namespace

DeliveryShare ShareOf(const ChannelCounts& counts) {
  DeliveryShare share;
  share.accepted = counts.CountOf("accepted");
  share.answers = share.accepted + counts.CountOf("dead_recipient") +
                  counts.CountOf("bad_message") + counts.CountOf("unknown");
  return share;
}

bool HasDropped(const DeliveryShare& hour, const DeliveryShare& week) {
  return hour.answers >= kEnoughInAnHour && week.answers >= kEnoughInAWeek &&
         hour.share() < week.share() / 2;
}

std::string NewsOf(const ChannelFinding& found, const std::string& told) {
  const bool may_be_stopped = told == kStopped && !found.has_answered;
  // After a restart: that nothing is seen of the stop says nothing yet.
  if (may_be_stopped &&
      (found.trouble.empty() || found.trouble == kDeliversLess)) {
    return "";
  }
  if (!found.trouble.empty()) return found.trouble == told ? "" : found.trouble;
  return told.empty() || told == kWorksAgain ? "" : kWorksAgain;
}

ChannelWatch::ChannelWatch(Session& session)
    : session_(session), thread_([this] { Loop(); }) {}

ChannelWatch::~ChannelWatch() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void ChannelWatch::Loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    try {
      Look();
    } catch (const std::exception& e) {
      spdlog::error("channel notices: {}; trying again", e.what());
    }
    lock.lock();
    wake_.wait_for(lock, kEvery, [this] { return stopping_; });
  }
}

std::map<std::string, ChannelFinding> ChannelWatch::Find(
    const Configuration& configuration) {
  const Instant now = session_.clock().Now();
  const ChannelBook& book = session_.engine().ledger().channels();
  const auto statuses = session_.dispatcher().Statuses();
  const auto holds = book.Holds();
  const auto hour = book.Counts(now - 1h, now + 15min);
  const auto week = book.Counts(now - 24h * 7, now - 1h);
  std::map<std::string, ChannelFinding> all;
  for (const Channel& channel : configuration.channels) {
    ChannelFinding& found = all[channel.id];
    const auto status = statuses.find(channel.id);
    const auto hold = holds.find(channel.id);
    const auto share = [&](const auto& counts) {
      const auto of = counts.find(channel.id);
      return of == counts.end() ? DeliveryShare() : ShareOf(of->second);
    };
    found.has_answered =
        status != statuses.end() && HasClearAnswer(status->second.stats);
    if (hold != holds.end()) {
      found.trouble = HoldModeName(hold->second.mode);
      found.why = hold->second.who;
    } else if (status != statuses.end() && status->second.opening) {
      found.trouble = kStopped;
      found.why = status->second.opening->reason;
    } else if (HasDropped(share(hour), share(week))) {
      found.trouble = kDeliversLess;
      found.why = fmt::format("{:.0f} % <- {:.0f} %", 100 * share(hour).share(),
                              100 * share(week).share());
    }
  }
  return all;
}

void ChannelWatch::Look() {
  const auto configuration = session_.configuration();
  const auto all = Find(*configuration);
  for (const Channel& channel : configuration->channels) {
    const auto to = ReceiverOf(channel, *configuration);
    if (!to) continue;
    Store& store = session_.engine().store();
    const std::string told = store.Read([&](SQLite::Database& db) {
      return Notices::LastOfChannel(db, channel.id, *to);
    });
    const ChannelFinding& found = all.at(channel.id);
    const std::string news = NewsOf(found, told);
    if (news.empty()) continue;
    store.Write([&](SQLite::Database& db) {
      Notices::AddOfChannel(db, channel.id, news,
                            news == found.trouble ? found.why : "", *to,
                            session_.clock().Now());
    });
  }
}

}  // namespace rekindle
