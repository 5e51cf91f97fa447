#include "engine/users/forgotten_ids.h"

#include "config/base/hmac.h"

namespace rekindle {
namespace {

constexpr char kSaltKey[] = "forgotten_salt";

}  // namespace

ForgottenIds::ForgottenIds(Store& store) {
  store.Write([&](SQLite::Database& db) {
    salt_ = Store::GetMeta(db, kSaltKey, "");
    if (salt_.empty()) {
      salt_ = ToHex(RandomBytes(16));
      Store::SetMeta(db, kSaltKey, salt_);
    }
    SQLite::Statement rows(db, "SELECT hash FROM forgotten");
    while (rows.executeStep()) hashes_.insert(rows.getColumn(0).getString());
  });
}

bool ForgottenIds::Contains(IdKind kind, std::string_view id) const {
  return !empty() && hashes_.contains(HashOf(kind, id));
}

void ForgottenIds::Add(SQLite::Database& db, IdKind kind, std::string_view id) {
  const std::string hash = HashOf(kind, id);
  SQLite::Statement insert(db,
                           "INSERT OR IGNORE INTO forgotten (hash) VALUES (?)");
  insert.bind(1, hash.data(), static_cast<int>(hash.size()));
  insert.exec();
  hashes_.insert(hash);
}

std::string ForgottenIds::HashOf(IdKind kind, std::string_view id) const {
  const std::string text =
      (kind == IdKind::kUser ? "user:" : "anonymous:") + std::string(id);
  return HmacSha256(salt_, text);
}

}  // namespace rekindle
