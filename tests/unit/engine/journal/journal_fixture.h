// Journals in a folder of their own, and short words for what stands in them.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "engine/journal/journal.h"
#include "tests/support/temp_dir.h"

namespace rekindle {

// Texts that live as long as the tests.
inline std::string_view Kept(const std::string& text) {
  static std::set<std::string> texts;
  return *texts.insert(text).first;
}

inline JournalEvent Did(UserNumber user, const std::string& name, int64_t at,
                        const std::string& properties = "",
                        const std::string& message_id = "") {
  const Moment when{FromMillis(at), LocalDay(), false};
  return {user, Kept(name), when, Kept(properties), HashOfId(message_id)};
}

inline JournalEvent DidOn(UserNumber user, const std::string& name,
                          int32_t day) {
  const Moment when{FromMillis(day * int64_t{86'400'000}), DayFromNumber(day),
                    true};
  return {user, Kept(name), when, "", {}};
}

inline bool Remember(Journal& journal, const std::string& message_id) {
  return journal.Remember(HashOfId(message_id));
}

// user:name@at/day properties
inline std::string Text(const StoredEvent& event) {
  std::string text = std::to_string(event.user) + ":" +
                     std::string(event.name) + "@" +
                     std::to_string(ToMillis(event.at));
  if (event.day != kExactTime) text += "/" + std::to_string(event.day);
  return text + " " + std::string(event.properties);
}

using Texts = std::vector<std::string>;

inline Texts All(const Journal& journal, JournalPosition after = 0) {
  Texts texts;
  journal.Read(after, [&](const StoredEvent& e) { texts.push_back(Text(e)); });
  return texts;
}

// Drops what there is to drop.
inline int64_t Prune(Journal& journal, const Journal::PruneLimits& limits,
                     JournalPosition applied) {
  const auto prunable = journal.FindPrunable(limits, applied);
  return prunable ? journal.Prune(*prunable) : 0;
}

class JournalTest : public ::testing::Test {
 protected:
  std::filesystem::path file() const { return dir_ / "journal.db"; }
  testing::TempDir dir_;
};

}  // namespace rekindle
