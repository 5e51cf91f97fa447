// Writes receipts into the ledger, inside one transaction of the store.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ledger/receipt.h"
#include "engine/store/statements.h"

namespace rekindle {

// What is kept of an address that is erased: a hash, equal for addresses that
// differ in ASCII case alone, worth nothing without the key.
std::string AddressHash(std::string_view key, std::string_view address);

// Not thread-safe; must not outlive the transaction.
class ReceiptWriter {
 public:
  // Gives the user's address whose hash is one of these; empty: none is. The
  // function itself is empty where addresses cannot be looked up.
  using FindAddress = std::function<std::string(
      UserNumber user, const std::vector<std::string>& hashes)>;

  // `key` is that of AddressHash.
  ReceiptWriter(SQLite::Database& db, std::string key, FindAddress find_address,
                Instant now);

  // Notes the receipt and all that follows from it: the touch's state, a dead
  // address suppressed in the channel, consent refused after a complaint
  // (channel) and after an unsubscription (the touch's topic; without one, the
  // channel). A receipt of a touch that is under way waits for its attempt's
  // end: see ApplyReceipts. One of an unknown touch changes nothing.
  ReceiptFate Take(const Receipt& receipt);
  // Keeps a receipt until its touch is known.
  void Keep(const Receipt& receipt);

  // The attempt of the touch has ended: its state becomes what receipts that
  // came meanwhile say.
  void ApplyReceipts(int64_t touch);
  // A provider's id has become known: takes what was kept for it.
  void TakeKept(const std::string& channel, const std::string& provider_id);
  // The same for everything that is kept.
  void TakeAllKept();

 private:
  struct Known {
    int64_t id = 0;
    std::string touch_id;
    UserNumber user = 0;
    std::string channel;
    std::string topic;
    TouchState state = TouchState::kPlanned;
    int attempts = 0;
    bool Left() const;
  };
  std::optional<Known> Find(const Receipt& receipt);
  std::optional<Known> FindById(const std::string& touch_id);
  std::optional<std::string> TouchIdOf(const std::string& channel,
                                       const std::string& provider_id);
  bool WentThrough(const Known& touch, const std::string& channel);
  // True where the state is news of the touch.
  bool Note(const Known& touch, const Receipt& receipt);
  void Follow(const Known& touch, const Receipt& receipt);
  void Suppress(const Known& touch, const Receipt& receipt);
  std::string AddressOf(const Known& touch, const Receipt& receipt);
  // Takes the rows that the statement gives; it selects kKeptColumns first.
  void TakeRows(SQLite::Statement& get);

  SQLite::Database& db_;
  const std::string key_;
  const FindAddress find_address_;
  const Instant now_;
  Statements statements_;
};

}  // namespace rekindle
