// Who there is: ids and dense numbers, registration, profiles, tags, merges.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/calendar.h"
#include "engine/behavior/value_test.h"
#include "engine/model/event.h"
#include "engine/sets/user_set.h"
#include "engine/store/store.h"
#include "engine/users/profile_change.h"

namespace rekindle {

// Stands for the day of a registration that is not known: later than every day.
inline constexpr int32_t kNoRegisteredDay = std::numeric_limits<int32_t>::max();

// In memory, some 37 bytes a user without a profile; loaded from the store at
// start. Every change but NoteEvent is written through inside the caller's
// store transaction. Not thread-safe while written (the engine holds the lock).
class UserDirectory {
 public:
  // Reads everything.
  explicit UserDirectory(Store& store);
  ~UserDirectory();

  // Numbers ever given: the universe of a UserSet.
  uint32_t size() const;
  // Follows merges. kNoUser where unknown.
  UserNumber Find(std::string_view user_id) const;
  UserNumber FindAnonymous(std::string_view anonymous_id) const;
  // True where the anonymous id is linked to a user, rather than having a
  // number of its own.
  bool IsLinked(std::string_view anonymous_id) const;
  // Find for many ids, several times as fast in a large directory. REQUIRES:
  // room in `found` for all of them.
  void FindMany(std::span<const std::string_view> user_ids,
                std::span<UserNumber> found) const;
  // The number to use for one given out earlier: follows merges.
  UserNumber Resolve(UserNumber user) const;
  // The numbers that were merged away.
  const UserSet& Merged() const;
  // Empty where the user was erased. The text stays in its place until then, or
  // a Reload.
  std::string_view IdOf(UserNumber user) const;
  bool IsAnonymous(UserNumber user) const;
  // The number itself and those that were merged into it.
  std::vector<UserNumber> NumbersOf(UserNumber user) const;
  // Anonymous ids that lead to one of the numbers.
  std::vector<std::string> AnonymousIdsOf(
      std::span<const UserNumber> numbers) const;

  // Registration R: the earlier of created_at and the first event of any kind;
  // whoever has one is known (README.md). Nothing where it is not known, and
  // for anonymous users and numbers that were merged away or erased.
  std::optional<Moment> RegisteredAt(UserNumber user) const;
  // The instant (epoch ms) of the first event known; where there is none, later
  // than every moment.
  int64_t FirstEventAt(UserNumber user) const;
  // Begins to fetch that instant; takes any number.
  void PrefetchFirstEvent(UserNumber user) const;
  // The local days of the registrations, as numbers, by user: for scans over
  // all. Known at as_of are users with an earlier day than as_of's, and those
  // with the same day whose RegisteredAt is not later than as_of. Valid until
  // the next change.
  std::span<const int32_t> RegisteredDays() const;
  // A day by which all users of the block (kUsersInBlock numbers) were
  // registered, so that a scan need not look at each: mostly there is one, as
  // blocks are filled in the order in which people came. kNoRegisteredDay where
  // some are not registered, or some numbers were not given out yet.
  int32_t AllRegisteredBy(uint32_t block) const;
  // The text that experiments hash for this user: the user's id, or after a
  // merge the id of whichever of the two was drawn first.
  std::string_view ExperimentKey(UserNumber user) const;

  // The profile as a JSON object's text, in key order; "{}" where empty.
  std::string ProfileOf(UserNumber user) const;
  Value ProfileValue(UserNumber user, std::string_view key) const;
  // The same as a JSON text, of lists and objects too. Empty where missing.
  std::string_view ProfileText(UserNumber user, std::string_view key) const;
  // The user's own zone (profile `time_zone`), where it names one.
  const Calendar& ZoneOf(UserNumber user, const Calendar& otherwise) const;
  UserSet WithProfile(const std::string& key, const ValueTest& test) const;
  std::vector<std::string> ProfileKeys() const;  // sorted, over all users
  std::vector<std::string> TagsOf(UserNumber user) const;
  UserSet Tagged(const std::string& tag) const;

  // --- writing; `db` is the store's open transaction
  // Adds a user, known at once, but only in memory until SaveAdded, which must
  // come before the transaction commits: many are written as a block, not one
  // by one.
  UserNumber Add(std::string_view user_id);
  UserNumber AddAnonymous(std::string_view anonymous_id);
  void SaveAdded(SQLite::Database& db);
  // Notes an event of the user, in memory only: first events are saved with the
  // columns, under the same journal position, and after a crash found again in
  // the journal's tail.
  void NoteEvent(UserNumber user, const Moment& when);
  // Writes first events, and packs what else changed where that is worth it
  // (IsSaveDue).
  void Save(SQLite::Database& db);
  void Saved();  // after the commit
  // Whether so much changed that a restart without a save would be slow.
  bool IsSaveDue() const;
  // Shallow merge of a JSON object: null removes, a missing key keeps. The
  // keys created_at / createdAt set the registration's created_at instead; one
  // that cannot be read is kUsage and nothing is changed.
  Status UpdateProfile(SQLite::Database& db, UserNumber user,
                       std::string_view json_object, const Calendar& calendar);
  void ChangeProfile(SQLite::Database& db, UserNumber user,
                     const ProfileChange& change);
  // Takes those new keys out of the change for which profiles have no room
  // (ProfileColumns::kMostKeys), and gives them. For what clients send; what
  // an operator imports may have any.
  std::vector<std::string> TakeOutNewKeys(ProfileChange* change) const;
  void SetTag(SQLite::Database& db, UserNumber user, const std::string& tag,
              bool present);
  // `from` becomes `into` (which must be another user): profile values of
  // `into` win, the earliest registration stays, a redirect is left.
  void Merge(SQLite::Database& db, UserNumber from, UserNumber into,
             bool from_was_drawn_first);
  // From now on, events with that anonymous id alone are the user's.
  void LinkAnonymous(SQLite::Database& db, std::string_view anonymous_id,
                     UserNumber user);
  // Erases everything about these numbers, except that they were given out.
  void Erase(SQLite::Database& db, std::span<const UserNumber> numbers);
  // For another business calendar: cuts the days of exact times anew; bare
  // dates keep their days.
  void Rezone(SQLite::Database& db, const Calendar& calendar);
  // Goes back to what the store holds, after a transaction that failed. First
  // events since the last save stay, but for users who were merged since: the
  // journal has those.
  void Reload(Store& store);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rekindle
