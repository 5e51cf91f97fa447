#include "engine/sets/set_memory.h"

#include <mutex>
#include <utility>
#include <vector>

#include "config/base/huge_pages.h"
#include "engine/sets/blocks.h"

namespace rekindle {
namespace {

using WordList = std::vector<uint64_t, HugePages<uint64_t>>;

}  // namespace

struct SetMemory::Spare {
  std::mutex mutex;
  WordList words;
};

SetMemory::SetMemory() : spare_(std::make_shared<Spare>()) {}

UserSet::Memory SetMemory::Take(size_t size) {
  WordList words;
  {
    std::lock_guard lock(spare_->mutex);
    if (spare_->words.size() >= size) words.swap(spare_->words);
  }
  if (words.size() < size) words = WordList(size);
  uint64_t* first = words.data();
  // The deleter holds the words, and hands them back.
  auto give_back = [spare = std::weak_ptr(spare_),
                    words = std::move(words)](uint64_t*) mutable {
    const auto kept = spare.lock();
    if (!kept) return;
    std::lock_guard lock(kept->mutex);
    if (words.size() > kept->words.size()) words.swap(kept->words);
  };
  return UserSet::Memory(first, std::move(give_back));
}

SetRows::SetRows(SetMemory& memory, size_t sets, uint32_t universe)
    : universe_(universe),
      size_(BlocksOf(universe) * kBlockWords),
      memory_(memory.Take(sets * size_)) {}

}  // namespace rekindle
