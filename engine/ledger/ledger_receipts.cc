// Receipts: what channels report of touches that left.
#include <algorithm>

#include "engine/ledger/ledger.h"
#include "engine/ledger/receipt_writer.h"
#include "engine/users/addresses.h"

namespace rekindle {
namespace {

// The address among all of the user's profile that hashes to one of these.
std::string FindAddress(const UserDirectory& users, const std::string& key,
                        UserNumber user,
                        const std::vector<std::string>& hashes) {
  for (const std::string& name : users.ProfileKeys()) {
    for (std::string& address : AddressesOf(users, user, name)) {
      const std::string hash = AddressHash(key, address);
      if (std::find(hashes.begin(), hashes.end(), hash) != hashes.end()) {
        return std::move(address);
      }
    }
  }
  return "";
}

ReceiptWriter::FindAddress Finder(const UserDirectory& users,
                                  const std::string& key) {
  return [&](UserNumber user, const std::vector<std::string>& hashes) {
    return FindAddress(users, key, user, hashes);
  };
}

}  // namespace

std::vector<ReceiptFate> Ledger::TakeReceipts(std::span<const Receipt> receipts,
                                              Instant now,
                                              UnknownReceipts unknown) {
  std::vector<ReceiptFate> fates;
  fates.reserve(receipts.size());
  store_.Write([&](SQLite::Database& db) {
    ReceiptWriter writer(db, key_, Finder(users_, key_), now);
    for (const Receipt& receipt : receipts) {
      fates.push_back(writer.Take(receipt));
      if (fates.back() == ReceiptFate::kUnknown &&
          unknown == UnknownReceipts::kKeep) {
        writer.Keep(receipt);
      }
    }
  });
  return fates;
}

void Ledger::TakeKeptReceipts(Instant now) {
  if (CountKeptReceipts() == 0) return;
  store_.Write([&](SQLite::Database& db) {
    ReceiptWriter(db, key_, Finder(users_, key_), now).TakeAllKept();
  });
}

int64_t Ledger::CountKeptReceipts() const {
  return store_.Read([](SQLite::Database& db) {
    return db.execAndGet("SELECT count(*) FROM kept_receipts").getInt64();
  });
}

}  // namespace rekindle
