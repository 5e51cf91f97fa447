#include "engine/journal/event_names.h"

#include <SQLiteCpp/VariadicBind.h>

#include <mutex>
#include <stdexcept>

namespace rekindle {

void EventNames::Load(SQLite::Database& db) {
  SQLite::Statement rows(db, "SELECT number, name FROM names ORDER BY number");
  while (rows.executeStep()) {
    if (NumberOf(rows.getColumn(1).getString()) !=
        rows.getColumn(0).getUInt()) {
      throw std::runtime_error(db.getFilename() +
                               ": the list of event names is damaged");
    }
  }
  Saved();
}

uint32_t EventNames::NumberOf(std::string_view name) {
  if (name.empty()) return 0;
  const auto found = numbers_.find(name);
  if (found != numbers_.end()) return found->second;
  std::unique_lock lock(mutex_);
  const auto number = static_cast<uint32_t>(texts_.size());
  texts_.emplace_back(name);
  numbers_.emplace(texts_.back(), number);
  return number;
}

void EventNames::Save(SQLite::Database& db) const {
  if (saved_ == texts_.size()) return;
  SQLite::Statement insert(db,
                           "INSERT INTO names (number, name) VALUES (?, ?)");
  for (size_t number = saved_; number < texts_.size(); ++number) {
    SQLite::bind(insert, static_cast<int64_t>(number), texts_[number]);
    insert.exec();
    insert.reset();
  }
}

void EventNames::Saved() { saved_ = texts_.size(); }

std::vector<std::string_view> EventNames::All() const {
  std::shared_lock lock(mutex_);
  return {texts_.begin(), texts_.end()};
}

}  // namespace rekindle
