// Who a message is about: ids become numbers, anonymous ids are linked to
// users, and users that turn out to be one person are merged (users/README.md).
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

  // Why a message about a forgotten person is refused; nothing where it is
  // about none. `user` is what Find gave for it.
  std::optional<std::string> WhyForgotten(const MessageView& message,
                                          UserNumber user) const;
  std::optional<std::string> WhyForgotten(IdKind kind,
                                          std::string_view id) const;
  // Why an alias that leads in a circle is refused; nothing where it does not.
  std::optional<std::string> WhyCircular(const MessageView& message) const;

  // The user of an event: that of its user_id, else that of its anonymous_id.
  // kNoUser where Enter would have to add one.
  UserNumber Find(const MessageView& message) const;
  // The same for many messages, several times as fast. REQUIRES: `found` is as
  // long as `messages`.
  void FindAll(std::span<const MessageView> messages,
               std::span<UserNumber> found) const;
  // The user of an event, added where there is none; then
  // UserDirectory::SaveAdded saves it.
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
