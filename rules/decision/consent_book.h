// What users allowed, read once a tick for questions about many users. The
// claim of a touch asks again for its user.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_set>

#include "engine/consent/consent.h"
#include "engine/users/user_directory.h"

namespace rekindle {

// Not thread-safe.
class ConsentBook {
 public:
  // The users outlive it.
  ConsentBook(const Consents& consents, const UserDirectory& users)
      : consents_(consents), users_(users) {}

  // One topic or channel.
  class Answers {
   public:
    bool Granted(UserNumber user) const {
      return granted_by_default_ != exceptions_.Contains(user);
    }

   private:
    friend class ConsentBook;
    UserSet exceptions_;
    bool granted_by_default_ = true;
  };
  const Answers& AnswersTo(SQLite::Database& db, const std::string& topic);

  // The suppression list of one channel.
  class Suppressions {
   public:
    bool HasUser(UserNumber user) const { return users_.Contains(user); }
    // False where addresses need not be looked up.
    bool HasAddresses() const { return !addresses_.empty(); }
    bool HasAddress(std::string_view address) const;

   private:
    friend class ConsentBook;
    UserSet users_;
    std::unordered_set<std::string> addresses_;  // ASCII lower case
  };
  const Suppressions& SuppressedIn(SQLite::Database& db,
                                   const std::string& channel);

 private:
  const Consents consents_;
  const UserDirectory& users_;
  std::map<std::string, Answers> answers_;
  std::map<std::string, Suppressions> suppressions_;
};

}  // namespace rekindle
