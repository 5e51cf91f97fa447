#include "engine/journal/message_ids.h"

namespace rekindle {

void MessageIds::Add(std::span<const IdHash> ids) {
  for (const IdHash& id : ids) {
    if (id != IdHash{}) ids_.insert(id);
  }
}

void MessageIds::Remove(std::span<const IdHash> ids) {
  for (const IdHash& id : ids) ids_.erase(id);
}

bool MessageIds::Remember(const IdHash& id) {
  if (!ids_.insert(id).second) return false;
  uncommitted_.push_back(id);
  return true;
}

void MessageIds::ForgetUncommitted() {
  Remove(uncommitted_);
  uncommitted_.clear();
}

}  // namespace rekindle
