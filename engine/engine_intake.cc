// What comes in: events, profiles, tags.
//
// New users and profile changes are committed to the store first, then the
// events are written to the journal, then they are applied to the columns while
// the journal becomes durable. A crash between the first two leaves users
// without events and nothing else; one after the second is made good by the
// journal's tail. What events lead to is seen, and saved, only when they are
// durable: see At and MakeDurable.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>

#include "config/base/words.h"
#include "engine/admission.h"
#include "engine/engine.h"
#include "engine/event_applier.h"
#include "engine/identity.h"
#include "engine/journal/stored_moment.h"
#include "engine/users/profile_columns.h"

namespace rekindle {
namespace {

// Of a batch, on one thread.
constexpr size_t kLookedUpAtOnce = 2048;

constexpr std::chrono::minutes kBetweenKeyLines{1};

// One batch on its way from messages to journal records. What is looked up at
// random (users, message ids) is looked up for many messages at once.
class IntakeBatch {
 public:
  IntakeBatch(const EngineSettings& settings, UserDirectory& users,
              Journal& journal, Ledger& ledger, const ForgottenIds& forgotten,
              Workers& workers, std::span<const MessageView> messages,
              Instant now)
      : settings_(settings),
        users_(users),
        journal_(journal),
        identity_(users, ledger, forgotten),
        messages_(messages),
        now_(now),
        in_turn_(std::any_of(messages.begin(), messages.end(),
                             [](const MessageView& m) {
                               return m.kind == MessageKind::kAlias;
                             })),
        found_(messages.size()),
        outcomes_(messages.size()),
        ids_(messages.size()) {
    const size_t parts =
        (messages.size() + kLookedUpAtOnce - 1) / kLookedUpAtOnce;
    workers.ForEach(parts, [&](size_t part) {
      const size_t begin = part * kLookedUpAtOnce;
      LookAt(begin, std::min(kLookedUpAtOnce, messages.size() - begin));
    });
  }

  // False where every message is an event of a known user (or nothing at all),
  // so that the store is not needed: nearly always.
  bool NeedsStore() const { return needs_store_; }

  // `db` may be nullptr where the store is not needed.
  void Admit(SQLite::Database* db) {
    if (!in_turn_) TellDuplicates();
    records_.reserve(messages_.size());
    for (size_t i = 0; i < messages_.size(); ++i) {
      if (in_turn_) JudgeInTurn(i);
      if (outcomes_[i].what == Intake::kAccepted) TakeIn(i, db);
    }
    if (db != nullptr) users_.SaveAdded(*db);
    if (identity_.merged().empty()) return;
    // A user may have been merged by a later message of the same batch.
    for (JournalEvent& record : records_) {
      if (record.user != kNoUser) record.user = users_.Resolve(record.user);
    }
    // A column that is kept for a behavior not configured now learns of merges
    // because it is behind the journal when it comes back.
    if (records_.empty()) records_.emplace_back();
  }

  const std::vector<JournalEvent>& records() const { return records_; }
  const Identity& identity() const { return identity_; }
  // Of the first profile that lost any for want of room.
  const std::vector<std::string>& keys_taken_out() const {
    return keys_taken_out_;
  }
  std::vector<IntakeOutcome> TakeOutcomes() { return std::move(outcomes_); }

 private:
  // Finds the users, and judges where that is not for later. On any thread.
  void LookAt(size_t begin, size_t count) {
    identity_.FindAll(messages_.subspan(begin, count),
                      std::span(found_).subspan(begin, count));
    bool needs_store = false;
    for (size_t i = begin; i < begin + count; ++i) {
      const MessageKind kind = messages_[i].kind;
      needs_store |= kind == MessageKind::kIdentify ||
                     kind == MessageKind::kAlias ||
                     (kind == MessageKind::kEvent && found_[i] == kNoUser);
      if (!in_turn_ && MayComeIn(i, found_[i])) ids_[i] = messages_[i].id;
    }
    if (needs_store) needs_store_ = true;
  }

  // Whom the message is about after those before it: a user_id leads to the
  // same person as at the start, merges apart; all else is looked up again.
  UserNumber UserNow(size_t i) const {
    const MessageView& m = messages_[i];
    if (found_[i] != kNoUser && !m.user_id.empty()) {
      return identity_.merged().empty() ? found_[i] : users_.Resolve(found_[i]);
    }
    return identity_.Find(m);
  }

  // False where the message is rejected; then the outcome says why.
  bool MayComeIn(size_t i, UserNumber user) {
    const MessageView& m = messages_[i];
    // The forgotten first: of any other reason the message would be kept.
    auto reason = identity_.WhyForgotten(m, user);
    if (!reason) reason = WhyRefused(m, now_, settings_.calendar);
    if (!reason) reason = identity_.WhyCircular(m);
    if (reason) outcomes_[i] = {Intake::kRejected, std::move(*reason)};
    return !reason;
  }

  void TellDuplicates() {
    const std::vector<bool> is_new = journal_.Remember(ids_);
    for (size_t i = 0; i < messages_.size(); ++i) {
      if (!is_new[i]) outcomes_[i].what = Intake::kDuplicate;
    }
  }

  // Whether an alias may come in depends on those before it.
  void JudgeInTurn(size_t i) {
    if (!MayComeIn(i, UserNow(i))) return;
    ids_[i] = messages_[i].id;
    if (!journal_.Remember(ids_[i])) outcomes_[i].what = Intake::kDuplicate;
  }

  void TakeIn(size_t i, SQLite::Database* db) {
    const MessageView& m = messages_[i];
    const UserNumber user = TakeIn(m, UserNow(i), db, &outcomes_[i].reason);
    if (m.kind == MessageKind::kEvent) {
      records_.push_back({user, m.event, m.when, m.properties, ids_[i]});
    } else if (!IsNone(m.id)) {
      records_.push_back({user, "", m.when, "", ids_[i]});
    }
  }

  // `dropped` becomes what of the profile will not do.
  UserNumber TakeIn(const MessageView& m, UserNumber user, SQLite::Database* db,
                    std::string* dropped) {
    switch (m.kind) {
      case MessageKind::kEvent:
        return user != kNoUser ? user : identity_.Enter(m);
      case MessageKind::kIdentify: {
        user = identity_.Identify(*db, m);
        // It was parsed before: see WhyRefused.
        auto change = ParseProfileChange(m.traits, settings_.calendar);
        auto taken_out = users_.TakeOutNewKeys(&*change);
        if (keys_taken_out_.empty()) keys_taken_out_ = std::move(taken_out);
        users_.ChangeProfile(*db, user, *change);
        *dropped = Join(change->dropped, "; ");
        return user;
      }
      case MessageKind::kAlias:
        identity_.Alias(*db, m);
        return users_.Find(m.user_id);
      case MessageKind::kGroup:
        return user;
    }
    return kNoUser;
  }

  const EngineSettings& settings_;
  UserDirectory& users_;
  Journal& journal_;
  Identity identity_;
  const std::span<const MessageView> messages_;
  const Instant now_;
  const bool in_turn_;  // each is judged only after those before it
  std::atomic<bool> needs_store_ = false;
  // By message.
  std::vector<UserNumber> found_;  // before the first is taken in
  std::vector<IntakeOutcome> outcomes_;
  std::vector<IdHash> ids_;  // of those that may come in
  std::vector<JournalEvent> records_;
  std::vector<std::string> keys_taken_out_;
};

}  // namespace

template <class Write>
void Engine::Change(Write&& write) {
  std::unique_lock lock(mutex_);
  Recover();
  in_doubt_ = true;
  write();
  in_doubt_ = false;
}

std::vector<IntakeOutcome> Engine::Append(std::span<const Message> messages,
                                          Instant now) {
  const std::vector<MessageView> views(messages.begin(), messages.end());
  return Append(views, now);
}

std::vector<IntakeOutcome> Engine::Append(std::span<const MessageView> messages,
                                          Instant now) {
  auto outcomes = FinishAppend(BeginAppend(messages, now));
  CheckpointIfDue();
  return outcomes;
}

Engine::Appended Engine::BeginAppend(std::span<const MessageView> messages,
                                     Instant now) {
  std::lock_guard writing(writers_);
  Appended appended;
  Change([&] {
    IntakeBatch batch(*settings_, *users_, *journal_, *ledger_, *forgotten_,
                      workers_, messages, now);
    try {
      if (batch.NeedsStore()) {
        store_->Write([&](SQLite::Database& db) { batch.Admit(&db); });
      } else {
        batch.Admit(nullptr);
      }
      applied_ = journal_->Append(batch.records(), workers_);
    } catch (...) {
      journal_->ForgetUncommitted();
      throw;
    }
    for (const auto& [from, into] : batch.identity().merged()) {
      columns_->Merge(from, into);
      unsaved_merges_.push_back(from);
    }
    EventApplier applier(*settings_, *users_, *columns_, *ledger_);
    applier.Apply(batch.records());
    unsaved_ = true;
    events_since_save_ += static_cast<int64_t>(batch.records().size());
    SaveGoals(applier.TakeGoals());
    TellKeysTakenOut(batch.keys_taken_out(), now);
    appended = {batch.TakeOutcomes(), applied_};
  });
  return appended;
}

// At most one line a minute: a client that makes new keys does so all the time.
void Engine::TellKeysTakenOut(const std::vector<std::string>& keys,
                              Instant now) {
  if (keys.empty()) return;
  if (now >= keys_told_at_ && now - keys_told_at_ < kBetweenKeyLines) return;
  keys_told_at_ = now;
  spdlog::warn(
      "profiles have {} keys, the most that clients may make: \"{}\" was left "
      "out, and any other that is new; an import of users takes new ones",
      ProfileColumns::kMostKeys, keys.front());
}

std::vector<IntakeOutcome> Engine::FinishAppend(Appended appended) {
  journal_->AwaitDurable(appended.position);
  return std::move(appended.outcomes);
}

void Engine::PrepareForEvents() {
  std::lock_guard writing(writers_);
  journal_->Remember(std::span<const IdHash>());
}

void Engine::MatchGoalsSince(Instant from) {
  std::lock_guard writing(writers_);
  const auto newest = journal_->stats().last;
  if (!newest || *newest < from) return;
  Change([&] {
    EventApplier applier(*settings_, *users_, *columns_, *ledger_);
    journal_->ReadBetween(from, *newest, [&](const StoredEvent& event) {
      applier.Apply(event.user, event.name,
                    MomentOf(event, settings_->calendar), event.properties);
    });
    SaveGoals(applier.TakeGoals());
  });
}

// The store must not know of a goal that the journal might lose.
void Engine::SaveGoals(const std::vector<GoalEvent>& reached) {
  if (reached.empty()) return;
  journal_->AwaitDurable(journal_->end());
  ledger_->MatchGoals(reached);
}

std::vector<Status> Engine::PutUsers(std::span<const UserRow> rows,
                                     std::vector<std::string>* dropped) {
  std::lock_guard writing(writers_);
  std::vector<Status> outcomes;
  outcomes.reserve(rows.size());
  Change([&] {
    store_->Write([&](SQLite::Database& db) {
      for (const UserRow& row : rows) {
        std::string left_out;
        outcomes.push_back(PutRow(db, row, &left_out));
        if (dropped != nullptr) dropped->push_back(std::move(left_out));
      }
      users_->SaveAdded(db);
    });
  });
  return outcomes;
}

Status Engine::PutRow(SQLite::Database& db, const UserRow& row,
                      std::string* dropped) {
  const Identity identity(*users_, *ledger_, *forgotten_);
  auto reason = WhyIdRefused("user_id", row.user_id);
  if (!reason) reason = identity.WhyForgotten(IdKind::kUser, row.user_id);
  for (const auto& [topic, granted] : row.consents) {
    if (!reason) reason = WhyNoTopic(topic, *settings_);
  }
  if (reason) return Fail(ErrorKind::kUsage, std::move(*reason));
  const auto change = ParseProfileChange(row.json_object, settings_->calendar);
  if (!change) return tl::make_unexpected(change.error());

  UserNumber user = users_->Find(row.user_id);
  if (user == kNoUser) user = users_->Add(row.user_id);
  users_->ChangeProfile(db, user, *change);
  *dropped = Join(change->dropped, "; ");
  for (const auto& [tag, present] : row.tags) {
    users_->SetTag(db, user, tag, present);
  }
  for (const auto& [topic, granted] : row.consents) {
    Consents::Set(db, user, topic, granted);
  }
  return {};
}

Status Engine::PutUser(std::string_view user_id, std::string_view json_object) {
  const UserRow row{std::string(user_id), std::string(json_object), {}, {}};
  return PutUsers({&row, 1}).front();
}

Status Engine::PutTag(std::string_view user_id, const std::string& tag,
                      bool present) {
  const UserRow row{std::string(user_id), "", {{tag, present}}, {}};
  return PutUsers({&row, 1}).front();
}

}  // namespace rekindle
