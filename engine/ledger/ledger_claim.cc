// Claiming: due touches are checked once more and taken, in one transaction.
#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>
#include <exception>

#include "engine/consent/consent_checks.h"
#include "engine/ledger/contents.h"
#include "engine/ledger/due_touches.h"
#include "engine/ledger/id_list.h"
#include "engine/ledger/ledger.h"
#include "engine/ledger/receipt_writer.h"
#include "engine/store/statements.h"
#include "engine/users/addresses.h"

namespace rekindle {
namespace {

// Where a touch could go.
struct Reach {
  std::string address;   // empty: none, or none is needed
  bool further = false;  // there is another, should this one be dead
};

// One call of Claim.
class ClaimPass {
 public:
  // `key` is that of AddressHash.
  ClaimPass(SQLite::Database& db, Statements& statements,
            const std::string& key, const UserDirectory& users,
            const ClaimChannel& channel, const Facts& facts,
            const Consents& consents,
            const std::unordered_set<std::string>& live_rules);

  // Appends the touches, claimed, without those that a check said no to. None
  // is due in this channel any more.
  void Take(const std::vector<DueTouch>& touches,
            std::vector<ClaimedTouch>* claimed);
  int64_t dropped() const { return dropped_; }

 private:
  // Why nobody should send it any more; empty where nothing speaks against.
  std::string TouchProblem(const DueTouch& touch);
  // Why this channel cannot, while another might.
  std::string ChannelProblem(const DueTouch& touch, const std::string& address);
  // The user's first address of now that is not suppressed; where all are, the
  // first.
  Reach ReachOf(UserNumber user);
  // The next channel of the touch that the user has not refused.
  const ChannelContent* NextChannel(const DueTouch& touch,
                                    std::span<const ChannelContent> contents);
  // When the channel's hours let it go to the user.
  Instant OpensAt(const DueTouch& touch) const;
  void AskHistory(const DueTouch& touch, ClaimedTouch* claimed);

  std::optional<ClaimedTouch> TakeOne(const DueTouch& touch);
  void Refuse(const DueTouch& touch, const std::string& reason);
  void PassOn(const DueTouch& touch, const std::string& channel);
  void PutOff(const DueTouch& touch, Instant until);
  ClaimedTouch Claim(const DueTouch& touch, Reach reach,
                     std::span<const ChannelContent> contents);

  const UserDirectory& users_;
  const ClaimChannel& channel_;
  const Facts& facts_;
  const std::unordered_set<std::string>& live_rules_;
  const Instant now_;
  int64_t dropped_ = 0;

  SQLite::Database& db_;
  Statements& statements_;
  const std::string& key_;
  ConsentChecks consents_;
};

ClaimPass::ClaimPass(SQLite::Database& db, Statements& statements,
                     const std::string& key, const UserDirectory& users,
                     const ClaimChannel& channel, const Facts& facts,
                     const Consents& consents,
                     const std::unordered_set<std::string>& live_rules)
    : users_(users),
      channel_(channel),
      facts_(facts),
      live_rules_(live_rules),
      now_(facts.as_of()),
      db_(db),
      statements_(statements),
      key_(key),
      consents_(db, statements, consents.granted_by_default()) {}

std::string ClaimPass::TouchProblem(const DueTouch& touch) {
  if (!touch.topic.empty() && !consents_.Granted(touch.user, touch.topic)) {
    return "no_consent";
  }
  if (touch.expires_at < now_) return "expired";
  if (facts_.LastActivity(touch.user) > touch.planned_at) return "came_back";
  if (!live_rules_.contains(touch.rule_id)) return "rule_changed";
  return "";
}

std::string ClaimPass::ChannelProblem(const DueTouch& touch,
                                      const std::string& address) {
  if (consents_.IsSuppressed(channel_.id, address,
                             std::string(users_.IdOf(touch.user)))) {
    return "suppressed";
  }
  if (!consents_.Granted(touch.user, channel_.id)) return "no_consent";
  if (!channel_.address_field.empty() && address.empty()) return "no_address";
  return "";
}

Reach ClaimPass::ReachOf(UserNumber user) {
  if (channel_.address_field.empty()) return {};
  auto addresses = AddressesOf(users_, user, channel_.address_field);
  if (addresses.empty()) return {};
  Reach reach{addresses.front()};
  if (addresses.size() == 1) return reach;
  std::erase_if(addresses, [&](const std::string& address) {
    return consents_.IsSuppressed(channel_.id, address, "");
  });
  if (!addresses.empty()) reach.address = addresses.front();
  reach.further = addresses.size() > 1;
  return reach;
}

const ChannelContent* ClaimPass::NextChannel(
    const DueTouch& touch, std::span<const ChannelContent> contents) {
  for (const ChannelContent& next : ContentsAfter(contents, channel_.id)) {
    if (consents_.Granted(touch.user, next.channel) &&
        !consents_.IsSuppressed(next.channel, "",
                                std::string(users_.IdOf(touch.user)))) {
      return &next;
    }
  }
  return nullptr;
}

Instant ClaimPass::OpensAt(const DueTouch& touch) const {
  if (!channel_.hours) return now_;
  const Calendar& zone = users_.ZoneOf(touch.user, facts_.settings().calendar);
  return channel_.hours->OpenFrom(now_, zone);
}

// A touch that may have left already is not `dropped`, which would say that it
// did not: it stays unknown, with the reason why nobody repeats it.
void ClaimPass::Refuse(const DueTouch& touch, const std::string& reason) {
  if (touch.unknown) {
    statements_.Run(db_,
                    "UPDATE touches SET no_repeat = 1, reason = ? WHERE id = ?",
                    reason, touch.id);
    return;
  }
  ++dropped_;
  statements_.Run(
      db_, "UPDATE touches SET state = 'dropped', reason = ? WHERE id = ?",
      reason, touch.id);
  statements_.Run(db_, "DELETE FROM touch_contents WHERE touch = ?", touch.id);
}

void ClaimPass::PassOn(const DueTouch& touch, const std::string& channel) {
  statements_.Run(db_, "UPDATE touches SET channel = ? WHERE id = ?", channel,
                  touch.id);
}

// No later than the touch's end: that is when it is dropped.
void ClaimPass::PutOff(const DueTouch& touch, Instant until) {
  const Instant end = touch.expires_at + std::chrono::milliseconds(1);
  statements_.Run(db_, "UPDATE touches SET due_at = ? WHERE id = ?",
                  ToMillis(std::min(until, end)), touch.id);
}

void ClaimPass::AskHistory(const DueTouch& touch, ClaimedTouch* claimed) {
  if (touch.attempts == 0) return;
  SQLite::Statement& history = statements_.Query(
      db_,
      "SELECT max(repeat <> 0 OR outcome IN ('unknown', 'interrupted')), "
      "sum(channel = ?2 AND reason NOT IN ('account', 'dead_recipient')) "
      "FROM attempts WHERE touch = ?1");
  SQLite::bind(history, touch.id, channel_.id);
  if (history.executeStep()) {
    claimed->repeat |= history.getColumn(0).getInt() != 0;
    claimed->tries = history.getColumn(1).getInt() + 1;
  }
  history.reset();
}

ClaimedTouch ClaimPass::Claim(const DueTouch& touch, Reach reach,
                              std::span<const ChannelContent> contents) {
  ClaimedTouch claimed;
  claimed.touch_id = touch.touch_id;
  claimed.rule_id = touch.rule_id;
  claimed.slot = touch.slot;
  claimed.planned_at = touch.planned_at;
  claimed.user_id = users_.IdOf(touch.user);
  claimed.user = touch.user;
  claimed.channel = channel_.id;
  claimed.address = std::move(reach.address);
  if (const ChannelContent* content = FindContent(contents, channel_.id)) {
    claimed.parts = content->parts;
  }
  claimed.attempt = touch.attempts + 1;
  claimed.expires_at = touch.expires_at;
  claimed.repeat = touch.unknown;
  claimed.row = touch.id;
  AskHistory(touch, &claimed);

  // The hash with the address: after a crash it is what is left of that.
  statements_.Run(
      db_,
      "INSERT INTO attempts (touch, attempt, channel, claimed_at, repeat, "
      "address, address_hash, further) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      touch.id, claimed.attempt, channel_.id, ToMillis(now_),
      claimed.repeat ? 1 : 0, claimed.address,
      claimed.address.empty() ? std::string()
                              : AddressHash(key_, claimed.address),
      reach.further ? 1 : 0);
  return claimed;
}

std::optional<ClaimedTouch> ClaimPass::TakeOne(const DueTouch& touch) {
  std::string problem = TouchProblem(touch);
  if (!problem.empty()) {
    Refuse(touch, problem);
    return std::nullopt;
  }
  if (const Instant opens = OpensAt(touch); opens > now_) {
    PutOff(touch, opens);
    return std::nullopt;
  }
  std::vector<ChannelContent> contents;
  try {
    if (!touch.contents.empty()) contents = DecodeContents(touch.contents);
  } catch (const std::exception&) {
    // One unreadable text must not hold up all the others.
    Refuse(touch, "unreadable");
    return std::nullopt;
  }
  Reach reach = ReachOf(touch.user);
  problem = ChannelProblem(touch, reach.address);
  if (problem.empty()) return Claim(touch, std::move(reach), contents);

  const ChannelContent* next =
      touch.unknown ? nullptr : NextChannel(touch, contents);
  if (next != nullptr) {
    PassOn(touch, next->channel);
  } else {
    Refuse(touch, problem);
  }
  return std::nullopt;
}

void ClaimPass::Take(const std::vector<DueTouch>& touches,
                     std::vector<ClaimedTouch>* claimed) {
  IdList taken;
  for (const DueTouch& touch : touches) {
    auto one = TakeOne(touch);
    if (!one) continue;
    taken.Add(touch.id);
    claimed->push_back(std::move(*one));
  }
  taken.Run(statements_.Query(db_,
                              "UPDATE OR FAIL touches SET state = 'claimed', "
                              "reason = '', attempts = attempts + 1 "
                              "WHERE id IN (SELECT value FROM json_each(?1))"));
}

// How many may be taken now, and of which plans.
struct Allowance {
  int limit = 0;
  Instant planned_until = Instant::max();
};

Allowance AllowanceOf(SQLite::Database& db, const ClaimChannel& channel,
                      const Facts& facts, int limit) {
  Allowance allowance{limit};
  const Instant now = facts.as_of();
  if (const auto hold = ChannelBook::HoldOf(db, channel.id)) {
    allowance.planned_until = hold->since;
    if (hold->mode == HoldMode::kPaused) allowance.limit = 0;
  }
  if (channel.per_day) {
    const Calendar& calendar = facts.settings().calendar;
    const LocalDay today = calendar.DayOf(now);
    const int64_t left =
        *channel.per_day -
        ChannelBook::Handed(db, channel.id, calendar.StartOf(today),
                            calendar.StartOf(today + std::chrono::days(1)));
    allowance.limit =
        static_cast<int>(std::clamp<int64_t>(left, 0, allowance.limit));
  }
  return allowance;
}

}  // namespace

std::vector<ClaimedTouch> Ledger::Claim(
    const ClaimChannel& channel, const Facts& facts, const Consents& consents,
    const std::unordered_set<std::string>& live_rules, int limit,
    int64_t* dropped) {
  return store_.Write([&](SQLite::Database& db) {
    return Claim(db, channel, facts, consents, live_rules, limit, dropped);
  });
}

std::vector<ClaimedTouch> Ledger::Claim(
    SQLite::Database& db, const ClaimChannel& channel, const Facts& facts,
    const Consents& consents, const std::unordered_set<std::string>& live_rules,
    int limit, int64_t* dropped) {
  std::vector<ClaimedTouch> claimed;
  if (limit <= 0) return claimed;
  const Allowance allowed = AllowanceOf(db, channel, facts, limit);
  DueTouches due(db, statements_, channel.id, facts.as_of(),
                 allowed.planned_until);
  ClaimPass pass(db, statements_, key_, users_, channel, facts, consents,
                 live_rules);
  std::string& served_last = served_last_[channel.id];
  const auto left = [&] {
    return allowed.limit - static_cast<int>(claimed.size());
  };
  const auto take = [&](const std::vector<DueTouch>& touches) {
    pass.Take(touches, &claimed);
    return !touches.empty();
  };
  if (channel.deduplicates && left() > 0) {
    take(due.Unknown((left() + 1) / 2));
  }
  while (left() > 0 && take(due.Planned(left(), &served_last))) {
  }
  if (!claimed.empty()) {
    ChannelBook::Count(db, channel.id, ChannelBook::kHanded,
                       static_cast<int64_t>(claimed.size()), 0, facts.as_of());
  }
  if (dropped != nullptr) *dropped += pass.dropped();
  return claimed;
}

}  // namespace rekindle
