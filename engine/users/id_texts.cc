#include "engine/users/id_texts.h"

#include <cstring>
#include <stdexcept>
#include <string>

namespace rekindle {

void IdTexts::Append(std::string_view id) {
  if (id.size() > kMaxSize) {
    throw std::length_error("an id is longer than " + std::to_string(kMaxSize) +
                            " bytes");
  }
  const auto user = static_cast<UserNumber>(ends_.size());
  if (user % kGroup == 0) BeginGroup();
  const uint16_t begin = BeginOf(user);
  id.copy(groups_.back() + begin, id.size());
  ends_.push_back(static_cast<uint16_t>(begin + id.size()));
  free_ -= id.size();
}

void IdTexts::BeginGroup() {
  if (free_ < kGroupSize) {
    free_ = chunks_.empty() ? kFirstChunkSize : kChunkSize;
    chunks_.emplace_back(free_);
  }
  auto& chunk = chunks_.back();
  groups_.push_back(chunk.data() + (chunk.size() - free_));
}

void IdTexts::Wipe(UserNumber user) {
  const std::string_view text = (*this)[user];
  std::memset(const_cast<char*>(text.data()), 0, text.size());
}

}  // namespace rekindle
