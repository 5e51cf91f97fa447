#include "engine/journal/batch_source.h"

#include <stdexcept>
#include <utility>

namespace rekindle {
namespace {

std::string_view Blob(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()),
          static_cast<size_t>(column.getBytes())};
}

}  // namespace

BatchSource::BatchSource(SQLite::Database& db, const EventNames& names)
    : db_(db),
      names_(names),
      get_(db, "SELECT users, data FROM batches WHERE number = ?") {}

std::vector<JournalPosition> BatchSource::Numbers(SQLite::Statement& query) {
  std::vector<JournalPosition> numbers;
  while (query.executeStep()) numbers.push_back(query.getColumn(0).getInt64());
  return numbers;
}

std::vector<UserNumber> BatchSource::Users(JournalPosition number) {
  Find(number);
  auto users = UnpackUsers(Blob(get_.getColumn(0)));
  if (!users) Damaged(number);
  return std::move(*users);
}

std::vector<IdHash> BatchSource::Ids(JournalPosition number) {
  SQLite::Statement get(db_, "SELECT ids FROM batch_ids WHERE number = ?");
  get.bind(1, number);
  if (!get.executeStep()) return {};
  auto ids = UnpackIds(Blob(get.getColumn(0)));
  if (!ids || ids->size() != batch_.size()) Damaged(number);
  return std::move(*ids);
}

const BatchReader& BatchSource::Open(JournalPosition number) {
  Find(number);
  if (!batch_.Open(Blob(get_.getColumn(0)), Blob(get_.getColumn(1)))) {
    Damaged(number);
  }
  number_ = number;
  return batch_;
}

std::string_view BatchSource::NameOf(size_t record) {
  const uint32_t name = batch_.name(record);
  if (name >= texts_.size()) texts_ = names_.All();
  if (name >= texts_.size()) Damaged(number_);
  return texts_[name];
}

void BatchSource::Damaged(JournalPosition number) const {
  throw std::runtime_error(db_.getFilename() + ": journal batch " +
                           std::to_string(number) + " is damaged");
}

void BatchSource::Find(JournalPosition number) {
  get_.reset();
  get_.bind(1, number);
  if (!get_.executeStep()) Damaged(number);
}

}  // namespace rekindle
