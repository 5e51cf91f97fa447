#include "daemon/session/notifier.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "channels/attempt_result.h"
#include "channels/send_one.h"
#include "config/base/hash.h"
#include "config/base/words.h"
#include "daemon/session/notice_text.h"

namespace rekindle {
namespace {

using namespace std::chrono_literals;

constexpr auto kGiveUpAfter = 24h;
constexpr auto kAfterAccountError = 5min;

bool IsOfChannel(const Notice& notice) { return notice.rule_id.empty(); }

// What makes it out with the receiver: the same with every attempt.
void Identify(const Notice& notice, ClaimedTouch* touch) {
  const bool of_channel = IsOfChannel(notice);
  touch->touch_id =
      StableId({of_channel ? "channel-notice" : "notice",
                of_channel ? notice.about_channel : notice.rule_id,
                std::to_string(ToMillis(notice.slot)), Join(notice.causes, ";"),
                notice.to.address});
  touch->rule_id = of_channel ? "channel-notices" : "notice-" + notice.rule_id;
  if (of_channel) touch->user_id = "operators";
}

// A notice travels as a touch of nobody. Its rule is named `notice-...` or
// `channel-notices`, so that no receiver takes it for one of the rule's.
ClaimedTouch AsTouch(const Notice& notice, const NoticeText& text,
                     const AdapterTraits& traits) {
  ClaimedTouch touch;
  Identify(notice, &touch);
  touch.slot = notice.slot;
  touch.planned_at = notice.at;
  touch.channel = notice.to.channel;
  touch.address = notice.to.address;
  touch.parts = NoticeParts(text, traits);
  touch.attempt = touch.tries = notice.attempt;
  touch.expires_at =
      notice.at + (IsOfChannel(notice) ? kNewsOfChannelLasts : kGiveUpAfter);
  return touch;
}

struct Next {
  NoticeState state = NoticeState::kSent;
  Instant at;  // of kWaiting
};

Next NextOf(const ClaimedTouch& touch, const Outcome& outcome,
            const Channel& channel, Instant now) {
  const auto again = [&](Instant at) {
    if (now >= touch.expires_at) return Next{NoticeState::kFailed, now};
    return Next{NoticeState::kWaiting, std::min(at, touch.expires_at)};
  };
  switch (outcome.what) {
    case OutcomeClass::kAccepted:
      return {NoticeState::kSent, now};
    case OutcomeClass::kTemporary:
      return again(outcome.retry_after
                       ? now + *outcome.retry_after
                       : BackedOff(touch, channel.delivery.retry, now));
    case OutcomeClass::kAccount:
      return again(now + outcome.retry_after.value_or(kAfterAccountError));
    case OutcomeClass::kUnknown:
      return channel.adapter->traits().deduplicates
                 ? again(now + 1min)
                 : Next{NoticeState::kUnknown, now};
    default:
      return {NoticeState::kFailed, now};
  }
}

NoticeText TextOf(const Notice& notice, Engine& engine,
                  const Configuration& configuration, const Texts& texts) {
  if (IsOfChannel(notice)) {
    return WriteChannelNotice(notice, configuration.pages_url,
                              configuration.pages_language, texts);
  }
  const SlotBook& slots = engine.ledger().slots();
  return WriteNotice(
      notice, configuration.rules->Find(notice.rule_id),
      slots.Find(notice.rule_id, notice.slot),
      slots.FailedTouches(notice.rule_id, notice.slot).value_or(0),
      configuration.pages_url, configuration.engine->calendar, texts);
}

std::vector<Notice> Claim(Store& store, const Channel& channel, Instant now) {
  const bool any = store.Read(
      [&](SQLite::Database& db) { return Notices::AnyOpen(db, channel.id); });
  if (!any) return {};
  return store.Write([&](SQLite::Database& db) {
    Notices::ResolveInterrupted(db, channel.id,
                                channel.adapter->traits().deduplicates);
    return Notices::Claim(db, channel.id, now);
  });
}

void Log(const Notice& notice, NoticeState state, const Outcome& outcome) {
  const bool lost =
      state == NoticeState::kFailed || state == NoticeState::kUnknown;
  const bool of_channel = IsOfChannel(notice);
  spdlog::log(lost ? spdlog::level::err : spdlog::level::info,
              "notice {} {} ({}) through channel {}: {}{}{}",
              of_channel ? "about channel" : "of rule",
              of_channel ? notice.about_channel : notice.rule_id,
              Join(notice.causes, ", "), notice.to.channel,
              NoticeStateName(state), outcome.detail.empty() ? "" : ": ",
              outcome.detail);
}

// What is due now; true where any of it is done with, which may have held up
// more.
bool SendOnce(Engine& engine, const Configuration& configuration,
              const Channel& channel, const Clock& clock) {
  const auto notices = Claim(engine.store(), channel, clock.Now());
  if (notices.empty()) return false;
  const AdapterTraits& traits = channel.adapter->traits();
  const Texts texts;
  std::vector<ClaimedTouch> touches;
  for (const Notice& notice : notices) {
    touches.push_back(
        AsTouch(notice, TextOf(notice, engine, configuration, texts), traits));
  }
  std::vector<Outcome> outcomes;
  for (const ClaimedTouch& touch : touches) {
    outcomes.push_back(SendOne(*channel.adapter, touch));
  }
  const Instant now = clock.Now();
  bool any_done = false;
  engine.store().Write([&](SQLite::Database& db) {
    for (size_t i = 0; i < notices.size(); ++i) {
      const Next next = NextOf(touches[i], outcomes[i], channel, now);
      any_done |= next.state != NoticeState::kWaiting;
      Notices::Record(db, notices[i], next.state, outcomes[i].detail, next.at);
      Log(notices[i], next.state, outcomes[i]);
    }
  });
  return any_done;
}

}  // namespace

void SendNotices(Engine& engine, const Configuration& configuration,
                 const Channel& channel, const Clock& clock) {
  // What was told of a channel lets out what comes after it.
  while (SendOnce(engine, configuration, channel, clock)) {
  }
}

}  // namespace rekindle
