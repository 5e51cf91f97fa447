#include "rules/decision/consent_book.h"

#include <algorithm>

namespace rekindle {
namespace {

std::string LowerAscii(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

}  // namespace

const ConsentBook::Answers& ConsentBook::AnswersTo(SQLite::Database& db,
                                                   const std::string& topic) {
  const auto [entry, added] = answers_.try_emplace(topic);
  if (added) {
    entry->second.exceptions_ = consents_.Exceptions(db, topic);
    entry->second.granted_by_default_ = consents_.granted_by_default();
  }
  return entry->second;
}

const ConsentBook::Suppressions& ConsentBook::SuppressedIn(
    SQLite::Database& db, const std::string& channel) {
  const auto [entry, added] = suppressions_.try_emplace(channel);
  Suppressions& list = entry->second;
  if (!added) return list;
  Consents::ForEachIn(db, channel, [&](const Suppression& suppression) {
    if (!suppression.address.empty()) {
      list.addresses_.insert(LowerAscii(suppression.address));
    }
    if (suppression.user_id.empty()) return;
    const UserNumber user = users_.Find(suppression.user_id);
    if (user != kNoUser) list.users_.Add(user);
  });
  return list;
}

bool ConsentBook::Suppressions::HasAddress(std::string_view address) const {
  return !address.empty() && addresses_.contains(LowerAscii(address));
}

}  // namespace rekindle
