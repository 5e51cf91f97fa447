// The dictionary of event names: a journal names them by number.
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

// One writer; All() from any thread beside it.
class EventNames {
 public:
  void Load(SQLite::Database& db);

  // The number of the name, from 1; a new one is given out and stands as added
  // until Save and Settle. 0 for the empty name.
  uint32_t NumberOf(std::string_view name);
  // Writes the added names in the caller's transaction.
  void Save(SQLite::Database& db) const;
  // After the transaction: the added names are there for good, or gone.
  void Settle(bool committed);

  // Texts by number, but for those that may be gone again; they live as long as
  // this object.
  std::vector<std::string_view> All() const;

 private:
  mutable std::shared_mutex mutex_;
  std::deque<std::string> texts_ = {""};
  boost::unordered_flat_map<std::string_view, uint32_t, ShortTextHash,
                            ShortTextsEqual>
      numbers_;
  size_t settled_ = 1;
};

}  // namespace rekindle
