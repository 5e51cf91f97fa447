// The dictionary of event names: the journal stores their numbers.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "config/base/short_text.h"

namespace rekindle {

// One thread writes; any thread may call All() meanwhile.
class EventNames {
 public:
  void Load(SQLite::Database& db);

  // The number of the name, from 1; a new one is given out. 0 for the empty
  // name.
  uint32_t NumberOf(std::string_view name);
  // Writes the names that are new in the caller's transaction.
  void Save(SQLite::Database& db) const;
  // Call once Save's transaction is committed; else the next Save writes them
  // again.
  void Saved();

  // Texts by number; they live as long as this object.
  std::vector<std::string_view> All() const;

 private:
  mutable std::shared_mutex mutex_;
  std::deque<std::string> texts_ = {""};
  boost::unordered_flat_map<std::string_view, uint32_t, ShortTextHash,
                            ShortTextsEqual>
      numbers_;
  size_t saved_ = 1;
};

}  // namespace rekindle
