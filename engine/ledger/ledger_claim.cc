// Claiming: due touches are checked once more and taken, in one transaction.
#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>

#include "engine/ledger/contents.h"
#include "engine/ledger/ledger.h"
#include "engine/users/addresses.h"

namespace rekindle {
namespace {

// A provider that did not answer is given this long before the touch is sent
// to it again, so that an outage is not hammered.
constexpr std::chrono::minutes kBeforeRepeat{1};

// A due touch, as stored.
struct DueTouch {
  int64_t id = 0;
  std::string touch_id, rule_id, topic;
  UserNumber user = kNoUser;
  Instant slot, planned_at, due_at, expires_at;
  bool unknown = false;
  int attempts = 0;
};

constexpr char kDueColumns[] =
    "SELECT id, touch_id, rule_id, topic, user, slot, planned_at, due_at, "
    "expires_at, attempts FROM touches t ";

DueTouch DueOf(SQLite::Statement& get) {
  DueTouch touch;
  touch.id = get.getColumn(0).getInt64();
  touch.touch_id = get.getColumn(1).getString();
  touch.rule_id = get.getColumn(2).getString();
  touch.topic = get.getColumn(3).getString();
  touch.user = get.getColumn(4).getUInt();
  touch.slot = FromMillis(get.getColumn(5).getInt64());
  touch.planned_at = FromMillis(get.getColumn(6).getInt64());
  touch.due_at = FromMillis(get.getColumn(7).getInt64());
  touch.expires_at = FromMillis(get.getColumn(8).getInt64());
  touch.attempts = get.getColumn(9).getInt();
  return touch;
}

void ReadPlanned(SQLite::Database& db, const std::string& channel, Instant now,
                 int limit, std::vector<DueTouch>* due) {
  SQLite::Statement get(
      db, std::string(kDueColumns) +
              "WHERE state = 'planned' AND channel = ? AND due_at <= ? "
              "ORDER BY due_at, id LIMIT ?");
  SQLite::bind(get, channel, ToMillis(now), limit);
  while (get.executeStep()) due->push_back(DueOf(get));
}

void ReadUnknown(SQLite::Database& db, const std::string& channel, Instant now,
                 int limit, std::vector<DueTouch>* due) {
  SQLite::Statement get(
      db, std::string(kDueColumns) +
              "WHERE state = 'unknown' AND channel = ? AND due_at <= ? "
              "AND no_repeat = 0 AND NOT EXISTS (SELECT 1 FROM attempts a "
              "WHERE a.touch = t.id AND a.attempt = t.attempts "
              "AND a.outcome = 'unknown' AND a.finished_at > ?) "
              "ORDER BY due_at, id LIMIT ?");
  SQLite::bind(get, channel, ToMillis(now), ToMillis(now - kBeforeRepeat),
               limit);
  while (get.executeStep()) {
    due->push_back(DueOf(get));
    due->back().unknown = true;
  }
}

// Where a touch could go.
struct Reach {
  std::string address;   // empty: none, or none is needed
  bool further = false;  // there is another, should this one be dead
};

// One call of Claim: what it reads and the statements it writes with.
class ClaimPass {
 public:
  ClaimPass(SQLite::Database& db, const UserDirectory& users,
            const ClaimChannel& channel, const Facts& facts,
            const Consents& consents,
            const std::vector<std::string>& live_rules);

  // Oldest first.
  std::vector<DueTouch> Due(int limit);
  // The touch, claimed; or nothing, where a check said no. Either way it is
  // no longer due in this channel.
  std::optional<ClaimedTouch> Take(const DueTouch& touch);
  int64_t dropped() const { return dropped_; }

 private:
  // Why nobody should send it any more; empty where nothing speaks against.
  std::string TouchProblem(const DueTouch& touch) const;
  // Why this channel cannot, while another might.
  std::string ChannelProblem(const DueTouch& touch,
                             const std::string& address) const;
  // The user's first address of now that is not suppressed; where all are, the
  // first.
  Reach ReachOf(UserNumber user) const;
  std::vector<ChannelContent> ReadContents(const DueTouch& touch);
  // The next channel of the touch that the user has not refused.
  const ChannelContent* NextChannel(
      const DueTouch& touch, std::span<const ChannelContent> contents) const;

  void Refuse(const DueTouch& touch, const std::string& reason);
  void PassOn(const DueTouch& touch, const std::string& channel);
  ClaimedTouch Claim(const DueTouch& touch, Reach reach,
                     std::span<const ChannelContent> contents);

  SQLite::Database& db_;
  const UserDirectory& users_;
  const ClaimChannel& channel_;
  const Facts& facts_;
  const Consents& consents_;
  const std::vector<std::string>& live_rules_;
  const Instant now_;
  int64_t dropped_ = 0;

  SQLite::Statement contents_, claim_, attempt_;
  SQLite::Statement drop_, erase_, keep_, pass_on_;
};

ClaimPass::ClaimPass(SQLite::Database& db, const UserDirectory& users,
                     const ClaimChannel& channel, const Facts& facts,
                     const Consents& consents,
                     const std::vector<std::string>& live_rules)
    : db_(db),
      users_(users),
      channel_(channel),
      facts_(facts),
      consents_(consents),
      live_rules_(live_rules),
      now_(facts.as_of()),
      contents_(db, "SELECT contents FROM touch_contents WHERE touch = ?"),
      claim_(db,
             "UPDATE touches SET state = 'claimed', reason = '', "
             "attempts = attempts + 1 WHERE id = ?"),
      attempt_(db,
               "INSERT INTO attempts (touch, attempt, channel, claimed_at, "
               "repeat, address, further) VALUES (?, ?, ?, ?, ?, ?, ?)"),
      drop_(db,
            "UPDATE touches SET state = 'dropped', reason = ? WHERE id = ?"),
      erase_(db, "DELETE FROM touch_contents WHERE touch = ?"),
      keep_(db, "UPDATE touches SET no_repeat = 1, reason = ? WHERE id = ?"),
      pass_on_(db, "UPDATE touches SET channel = ? WHERE id = ?") {}

std::vector<DueTouch> ClaimPass::Due(int limit) {
  std::vector<DueTouch> due;
  ReadPlanned(db_, channel_.id, now_, limit, &due);
  if (channel_.deduplicates) {
    ReadUnknown(db_, channel_.id, now_, limit, &due);
    std::stable_sort(due.begin(), due.end(),
                     [](const DueTouch& a, const DueTouch& b) {
                       return a.due_at < b.due_at;
                     });
    if (due.size() > static_cast<size_t>(limit)) due.resize(limit);
  }
  return due;
}

std::string ClaimPass::TouchProblem(const DueTouch& touch) const {
  if (!touch.topic.empty() &&
      !consents_.Granted(db_, touch.user, touch.topic)) {
    return "no_consent";
  }
  if (touch.expires_at < now_) return "expired";
  if (facts_.LastActivity(touch.user) > touch.planned_at) return "came_back";
  if (std::find(live_rules_.begin(), live_rules_.end(), touch.rule_id) ==
      live_rules_.end()) {
    return "rule_changed";
  }
  return "";
}

std::string ClaimPass::ChannelProblem(const DueTouch& touch,
                                      const std::string& address) const {
  if (Consents::IsSuppressed(db_, channel_.id, address,
                             users_.IdOf(touch.user))) {
    return "suppressed";
  }
  if (!consents_.Granted(db_, touch.user, channel_.id)) return "no_consent";
  if (!channel_.address_field.empty() && address.empty()) return "no_address";
  return "";
}

Reach ClaimPass::ReachOf(UserNumber user) const {
  if (channel_.address_field.empty()) return {};
  auto addresses = AddressesOf(users_, user, channel_.address_field);
  if (addresses.empty()) return {};
  Reach reach{addresses.front()};
  if (addresses.size() == 1) return reach;
  std::erase_if(addresses, [&](const std::string& address) {
    return Consents::IsSuppressed(db_, channel_.id, address, "");
  });
  if (!addresses.empty()) reach.address = addresses.front();
  reach.further = addresses.size() > 1;
  return reach;
}

std::vector<ChannelContent> ClaimPass::ReadContents(const DueTouch& touch) {
  contents_.bind(1, touch.id);
  std::vector<ChannelContent> contents;
  if (contents_.executeStep()) {
    contents = DecodeContents(contents_.getColumn(0).getString());
  }
  contents_.reset();
  return contents;
}

const ChannelContent* ClaimPass::NextChannel(
    const DueTouch& touch, std::span<const ChannelContent> contents) const {
  for (const ChannelContent& next : ContentsAfter(contents, channel_.id)) {
    if (consents_.Granted(db_, touch.user, next.channel) &&
        !Consents::IsSuppressed(db_, next.channel, "",
                                users_.IdOf(touch.user))) {
      return &next;
    }
  }
  return nullptr;
}

// A touch that may have left already is not `dropped`, which would say that it
// did not: it stays unknown, with the reason why nobody repeats it.
void ClaimPass::Refuse(const DueTouch& touch, const std::string& reason) {
  SQLite::Statement& put = touch.unknown ? keep_ : drop_;
  SQLite::bind(put, reason, touch.id);
  put.exec();
  put.reset();
  if (touch.unknown) return;
  ++dropped_;
  erase_.bind(1, touch.id);
  erase_.exec();
  erase_.reset();
}

void ClaimPass::PassOn(const DueTouch& touch, const std::string& channel) {
  SQLite::bind(pass_on_, channel, touch.id);
  pass_on_.exec();
  pass_on_.reset();
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

  claim_.bind(1, touch.id);
  claim_.exec();
  claim_.reset();
  SQLite::bind(attempt_, touch.id, claimed.attempt, channel_.id, ToMillis(now_),
               touch.unknown ? 1 : 0, claimed.address, reach.further ? 1 : 0);
  attempt_.exec();
  attempt_.reset();
  return claimed;
}

std::optional<ClaimedTouch> ClaimPass::Take(const DueTouch& touch) {
  std::string problem = TouchProblem(touch);
  if (!problem.empty()) {
    Refuse(touch, problem);
    return std::nullopt;
  }
  const std::vector<ChannelContent> contents = ReadContents(touch);
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

}  // namespace

std::vector<ClaimedTouch> Ledger::Claim(
    const ClaimChannel& channel, const Facts& facts, const Consents& consents,
    const std::vector<std::string>& live_rules, int limit, int64_t* dropped) {
  std::vector<ClaimedTouch> claimed;
  if (limit <= 0) return claimed;
  store_.Write([&](SQLite::Database& db) {
    ClaimPass pass(db, users_, channel, facts, consents, live_rules);
    while (claimed.size() < static_cast<size_t>(limit)) {
      const std::vector<DueTouch> due =
          pass.Due(limit - static_cast<int>(claimed.size()));
      if (due.empty()) break;
      for (const DueTouch& touch : due) {
        if (auto taken = pass.Take(touch)) claimed.push_back(std::move(*taken));
      }
    }
    if (dropped != nullptr) *dropped += pass.dropped();
  });
  return claimed;
}

}  // namespace rekindle
