// Who a message is about: ids become numbers, anonymous ids are linked to
// users, and users that turn out to be one person are merged (design.md 2.2).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/intake/message.h"
#include "engine/ledger/ledger.h"
#include "engine/users/forgotten_ids.h"
#include "engine/users/user_directory.h"

namespace rekindle {

// For one batch of messages; `db` is the store's open transaction.
class Identity {
 public:
  Identity(UserDirectory& users, Ledger& ledger, const ForgottenIds& forgotten)
      : users_(users), ledger_(ledger), forgotten_(forgotten) {}

  // Nothing where nobody whom the message is about was forgotten; `user` is
  // its user as found.
  std::optional<std::string> WhyForgotten(const MessageView& message,
                                          UserNumber user) const;
  std::optional<std::string> WhyForgotten(IdKind kind,
                                          std::string_view id) const;
  // Nothing where an alias does not go round in a circle.
  std::optional<std::string> WhyCircular(const MessageView& message) const;

  // The user of an event: that of its user_id, else that of its anonymous_id.
  // kNoUser where Enter would have to make one.
  UserNumber Find(const MessageView& message) const;
  // The same for many, by message: several times as fast. REQUIRES: `found` is
  // as long.
  void FindAll(std::span<const MessageView> messages,
               std::span<UserNumber> found) const;
  // One that it makes is saved by UserDirectory::SaveAdded.
  UserNumber Enter(const MessageView& message);

  // identify: where both ids are given, the anonymous id is the user's from
  // now on, and what it did before it was anyone's. Returns the user.
  UserNumber Identify(SQLite::Database& db, const MessageView& message);
  // alias: previous_id becomes user_id.
  void Alias(SQLite::Database& db, const MessageView& message);

  // What was merged, in order, for the columns.
  struct Merged {
    UserNumber from, into;
  };
  const std::vector<Merged>& merged() const { return merged_; }

 private:
  void JoinAnonymous(SQLite::Database& db, std::string_view anonymous_id,
                     UserNumber into);
  void Merge(SQLite::Database& db, UserNumber from, UserNumber into);

  UserDirectory& users_;
  Ledger& ledger_;
  const ForgottenIds& forgotten_;
  std::vector<Merged> merged_;
};

}  // namespace rekindle
