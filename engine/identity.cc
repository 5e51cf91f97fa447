#include "engine/identity.h"

#include <fmt/format.h>

#include "engine/consent/consent.h"

namespace rekindle {

std::optional<std::string> Identity::WhyForgotten(IdKind kind,
                                                  std::string_view id) const {
  if (forgotten_.empty()) return std::nullopt;
  // A forgotten id is not in the directory, so most are not hashed; but that of
  // a device leads to whoever had it first once its last user is forgotten.
  const UserNumber user =
      kind == IdKind::kUser ? users_.Find(id) : users_.FindAnonymous(id);
  const bool theirs = kind == IdKind::kUser || users_.IsLinked(id);
  if (user != kNoUser && (theirs || users_.IsAnonymous(user))) {
    return std::nullopt;
  }
  if (!forgotten_.Contains(kind, id)) return std::nullopt;
  return kForgottenReason;
}

std::optional<std::string> Identity::WhyForgotten(const MessageView& m,
                                                  UserNumber user) const {
  if (m.user_id.empty()) {
    const auto reason = WhyForgotten(IdKind::kAnonymous, m.anonymous_id);
    if (reason) return reason;
  } else if (user == kNoUser) {
    if (auto reason = WhyForgotten(IdKind::kUser, m.user_id)) return reason;
  }
  if (m.kind != MessageKind::kAlias) return std::nullopt;
  for (IdKind kind : {IdKind::kUser, IdKind::kAnonymous}) {
    if (auto reason = WhyForgotten(kind, m.previous_id)) return reason;
  }
  return std::nullopt;
}

std::optional<std::string> Identity::WhyCircular(const MessageView& m) const {
  if (m.kind != MessageKind::kAlias) return std::nullopt;
  // Where user_id already leads to previous_id, the alias would close a circle.
  const UserNumber into = users_.Find(m.user_id);
  if (into != kNoUser && users_.Find(m.previous_id) == into &&
      users_.IdOf(into) == m.previous_id) {
    return fmt::format(
        "\"{0}\" cannot become \"{1}\": \"{1}\" was merged into \"{0}\" before",
        m.previous_id, m.user_id);
  }
  return std::nullopt;
}

UserNumber Identity::Find(const MessageView& m) const {
  return m.user_id.empty() ? users_.FindAnonymous(m.anonymous_id)
                           : users_.Find(m.user_id);
}

void Identity::FindAll(std::span<const MessageView> messages,
                       std::span<UserNumber> found) const {
  std::vector<std::string_view> user_ids;
  user_ids.reserve(messages.size());
  for (const MessageView& m : messages) user_ids.push_back(m.user_id);
  users_.FindMany(user_ids, found);
  for (size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].user_id.empty()) {
      found[i] = users_.FindAnonymous(messages[i].anonymous_id);
    }
  }
}

UserNumber Identity::Enter(const MessageView& m) {
  const UserNumber user = Find(m);
  if (user != kNoUser) return user;
  return m.user_id.empty() ? users_.AddAnonymous(m.anonymous_id)
                           : users_.Add(m.user_id);
}

UserNumber Identity::Identify(SQLite::Database& db, const MessageView& m) {
  const UserNumber user = Enter(m);
  if (!m.user_id.empty() && !m.anonymous_id.empty() &&
      !WhyForgotten(IdKind::kAnonymous, m.anonymous_id)) {
    JoinAnonymous(db, m.anonymous_id, user);
  }
  return user;
}

void Identity::Alias(SQLite::Database& db, const MessageView& m) {
  const UserNumber into = Enter(m);
  UserNumber from = users_.Find(m.previous_id);
  // Nobody yet: events under that id may still be on their way.
  if (from == kNoUser && users_.FindAnonymous(m.previous_id) == kNoUser) {
    from = users_.Add(m.previous_id);
  }
  if (from != kNoUser && from != into) Merge(db, from, into);
  JoinAnonymous(db, m.previous_id, into);
}

void Identity::JoinAnonymous(SQLite::Database& db,
                             std::string_view anonymous_id, UserNumber into) {
  const UserNumber from = users_.FindAnonymous(anonymous_id);
  if (from == into) return;
  // A device that was somebody else's before: what was done then stays theirs.
  if (from != kNoUser && users_.IsAnonymous(from)) Merge(db, from, into);
  users_.LinkAnonymous(db, anonymous_id, into);
}

void Identity::Merge(SQLite::Database& db, UserNumber from, UserNumber into) {
  const bool drawn_first = ledger_.DrawnFirst(db, from, into);
  ledger_.MoveUser(db, from, into);
  // Suppressions name user ids; an anonymous id of the same text is not meant.
  const std::string from_id =
      users_.IsAnonymous(from) ? "" : std::string(users_.IdOf(from));
  Consents::MoveUser(db, from, from_id, into, users_.IdOf(into));
  users_.Merge(db, from, into, drawn_first);
  SQLite::Statement note(
      db, "INSERT OR IGNORE INTO unsaved_merges (user) VALUES (?)");
  note.bind(1, static_cast<int64_t>(from));
  note.exec();
  merged_.push_back({from, into});
}

}  // namespace rekindle
