#include "engine/users/forgotten_ids.h"

#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace rekindle {
namespace {

constexpr char kSaltKey[] = "forgotten_salt";

std::string MakeSalt() {
  std::array<unsigned char, 16> bytes;
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) {
    throw std::runtime_error("the system gives no random bytes");
  }
  std::string hex;
  for (unsigned char byte : bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

}  // namespace

ForgottenIds::ForgottenIds(Store& store) {
  store.Write([&](SQLite::Database& db) {
    salt_ = Store::GetMeta(db, kSaltKey, "");
    if (salt_.empty()) {
      salt_ = MakeSalt();
      Store::SetMeta(db, kSaltKey, salt_);
    }
    SQLite::Statement rows(db, "SELECT hash FROM forgotten");
    while (rows.executeStep()) hashes_.insert(rows.getColumn(0).getString());
  });
}

bool ForgottenIds::Contains(IdKind kind, std::string_view id) const {
  return !hashes_.empty() && hashes_.contains(HashOf(kind, id));
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
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  HMAC(EVP_sha256(), salt_.data(), static_cast<int>(salt_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       digest.data(), &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace rekindle
