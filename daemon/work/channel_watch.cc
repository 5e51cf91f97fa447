#include "daemon/work/channel_watch.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "config/base/hash.h"
#include "daemon/session/notice_text.h"
#include "daemon/texts/texts.h"

namespace rekindle {
namespace {

using namespace std::chrono_literals;

constexpr auto kEvery = 30s;
// A notice that will not go out is tried for so long.
constexpr auto kNoticeLasts = 1h;

constexpr int64_t kEnoughInAnHour = 50;
constexpr int64_t kEnoughInAWeek = 200;

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

std::map<std::string, Trouble> ChannelWatch::Troubles(
    const Configuration& configuration) {
  const Instant now = session_.clock().Now();
  const ChannelBook& book = session_.engine().ledger().channels();
  const auto statuses = session_.dispatcher().Statuses();
  const auto holds = book.Holds();
  const auto hour = book.Counts(now - 1h, now + 15min);
  const auto week = book.Counts(now - 24h * 7, now - 1h);
  std::map<std::string, Trouble> troubles;
  for (const Channel& channel : configuration.channels) {
    const auto status = statuses.find(channel.id);
    const auto hold = holds.find(channel.id);
    const auto share = [&](const auto& counts) {
      const auto found = counts.find(channel.id);
      return found == counts.end() ? DeliveryShare() : ShareOf(found->second);
    };
    if (hold != holds.end()) {
      troubles[channel.id] = {std::string(HoldModeName(hold->second.mode)),
                              hold->second.who};
    } else if (status != statuses.end() && status->second.opening) {
      troubles[channel.id] = {"stopped", status->second.opening->reason};
    } else if (HasDropped(share(hour), share(week))) {
      troubles[channel.id] = {
          "delivers_less",
          fmt::format("{:.0f} % <- {:.0f} %", 100 * share(hour).share(),
                      100 * share(week).share())};
    }
  }
  return troubles;
}

void ChannelWatch::Look() {
  const auto configuration = session_.configuration();
  const auto troubles = Troubles(*configuration);
  for (const Channel& channel : configuration->channels) {
    const auto now = troubles.find(channel.id);
    const auto before = told_.find(channel.id);
    const bool bad = now != troubles.end();
    if (bad &&
        (before == told_.end() || before->second.what != now->second.what)) {
      Tell(*configuration, channel, now->second.what, now->second.why);
    } else if (!bad && before != told_.end()) {
      Tell(*configuration, channel, "works_again", "");
    }
  }
  told_ = troubles;
  SendNotices(*configuration);
}

void ChannelWatch::Tell(const Configuration& configuration,
                        const Channel& about, const std::string& what,
                        const std::string& why) {
  const std::string through = about.delivery.notify.empty()
                                  ? configuration.notices.channel
                                  : about.delivery.notify;
  const Channel* const channel = configuration.FindChannel(through);
  if (channel == nullptr || through == about.id) return;
  const Texts texts;
  const std::string words =
      texts.Find("notice." + what, configuration.pages_language).value_or(what);
  const Instant now = session_.clock().Now();
  Notice notice;
  notice.channel = through;
  notice.give_up = now + kNoticeLasts;
  ClaimedTouch& touch = notice.touch;
  touch.touch_id =
      StableId({"notice", about.id, what, std::to_string(ToMillis(now))});
  touch.rule_id = "channel-notices";
  touch.slot = touch.planned_at = now;
  touch.expires_at = notice.give_up;
  touch.user_id = "operators";
  touch.channel = through;
  touch.address = configuration.notices.to;
  const std::string title = fmt::format("Rekindle: {} {}", about.id, words);
  std::string text = why.empty() ? title : fmt::format("{}: {}", title, why);
  std::string url;
  if (!configuration.pages_url.empty()) {
    url = configuration.pages_url + "/channels";
    text += "\n" + url + "\n";
  }
  touch.parts = NoticeParts({title, text, url}, channel->adapter->traits());
  notices_.push_back(std::move(notice));
}

void ChannelWatch::SendNotices(const Configuration& configuration) {
  std::deque<Notice> left;
  for (Notice& notice : notices_) {
    const Channel* channel = configuration.FindChannel(notice.channel);
    if (channel == nullptr) continue;
    const Outcome outcome = session_.SendOne(*channel, notice.touch);
    if (outcome.what == OutcomeClass::kAccepted) continue;
    const bool again = outcome.what == OutcomeClass::kTemporary ||
                       outcome.what == OutcomeClass::kAccount;
    if (again && session_.clock().Now() < notice.give_up) {
      ++notice.touch.attempt;
      left.push_back(std::move(notice));
      continue;
    }
    spdlog::error("a notice could not be sent through {}: {}", notice.channel,
                  outcome.detail);
  }
  notices_ = std::move(left);
}

}  // namespace rekindle
