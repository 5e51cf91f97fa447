#include "engine/journal/batch_source.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "config/base/vector_code.h"
#include "engine/store/statements.h"

namespace rekindle {
namespace {

REKINDLE_VECTOR_CODE uint32_t LargestOf(const uint32_t* numbers, size_t count) {
  Sixteen largest{};
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const auto& some = *reinterpret_cast<const Sixteen*>(numbers + i);
    largest = some > largest ? some : largest;
  }
  uint32_t all = 0;
  for (; i < count; ++i) all = std::max(all, numbers[i]);
  for (size_t k = 0; k < 16; ++k) all = std::max(all, uint32_t{largest[k]});
  return all;
}

}  // namespace

BatchSource::BatchSource(SQLite::Database& db, const EventNames& names)
    : db_(db),
      names_(names),
      get_(db, "SELECT users, times, properties FROM batches WHERE number = ?"),
      texts_(names.All()) {}

std::vector<JournalPosition> BatchSource::Numbers(SQLite::Statement& query) {
  std::vector<JournalPosition> numbers;
  while (query.executeStep()) numbers.push_back(query.getColumn(0).getInt64());
  return numbers;
}

const BatchReader& BatchSource::Open(JournalPosition number) {
  number_ = number;
  get_.reset();
  get_.bind(1, number);
  if (!get_.executeStep() || !batch_.OpenUsers(BlobOf(get_.getColumn(0)))) {
    Damaged();
  }
  return batch_;
}

void BatchSource::OpenTimes() {
  if (!batch_.OpenTimes(BlobOf(get_.getColumn(1)))) Damaged();
  const auto names = batch_.names();
  const uint32_t largest = LargestOf(names.data(), names.size());
  if (largest < texts_.size()) return;
  texts_ = names_.All();
  if (largest >= texts_.size()) Damaged();
}

void BatchSource::OpenProperties() {
  if (!batch_.OpenProperties(BlobOf(get_.getColumn(2)))) Damaged();
}

std::vector<IdHash> BatchSource::Ids() {
  SQLite::Statement get(db_, "SELECT ids FROM batch_ids WHERE number = ?");
  get.bind(1, number_);
  if (!get.executeStep()) return {};
  auto ids = UnpackIds(BlobOf(get.getColumn(0)));
  if (!ids || ids->size() != batch_.size()) Damaged();
  return std::move(*ids);
}

void BatchSource::Damaged() const {
  throw std::runtime_error(db_.getFilename() + ": journal batch " +
                           std::to_string(number_) + " is damaged");
}

}  // namespace rekindle
