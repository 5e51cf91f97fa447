// Values worked out once and kept, up to so many.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "engine/audience/lazy.h"

namespace rekindle {

// Thread-safe.
template <class Key, class Value>
class KeptValues {
 public:
  explicit KeptValues(size_t most) : most_(most) {}

  // The value of the key; made where it is not kept, and kept while there is
  // room. REQUIRES: `make` does not ask for the same key again.
  template <class Make>
  std::shared_ptr<const Value> Get(const Key& key, Make&& make) const {
    const std::shared_ptr<Lazy<Value>> entry = EntryOf(key);
    const Value& value = entry->Get(std::forward<Make>(make));
    return {entry, &value};
  }

 private:
  std::shared_ptr<Lazy<Value>> EntryOf(const Key& key) const {
    std::lock_guard lock(mutex_);
    const auto found = kept_.find(key);
    if (found != kept_.end()) return found->second;
    auto entry = std::make_shared<Lazy<Value>>();
    if (kept_.size() < most_) kept_.emplace(key, entry);
    return entry;
  }

  const size_t most_;
  mutable std::mutex mutex_;
  mutable std::map<Key, std::shared_ptr<Lazy<Value>>> kept_;
};

}  // namespace rekindle
