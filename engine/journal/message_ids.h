// The message ids of the journal, as a set of their hashes in memory: 17 bytes
// an id, where a unique index on disk would cost seven times the append.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <span>
#include <vector>

#include "engine/journal/batch.h"

namespace rekindle {

// Not thread-safe.
class MessageIds {
 public:
  // What a committed batch holds; hashes of 0 are left out.
  void Add(std::span<const IdHash> ids);
  void Remove(std::span<const IdHash> ids);

  // True where it is new; then it counts as uncommitted.
  bool Remember(const IdHash& id);
  void Commit() { uncommitted_.clear(); }
  void ForgetUncommitted();

 private:
  // The hashes are uniform already.
  struct FirstHalf {
    using is_avalanching = void;
    size_t operator()(const IdHash& id) const { return id[0]; }
  };
  boost::unordered_flat_set<IdHash, FirstHalf> ids_;
  std::vector<IdHash> uncommitted_;
};

}  // namespace rekindle
