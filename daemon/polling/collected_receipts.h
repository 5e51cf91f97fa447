// What a provider's answers brought, until it is durable.
#pragma once

#include <set>
#include <string>

#include "channels/receipts/receipt_reader.h"
#include "daemon/receipts/receipt_committer.h"

namespace rekindle {

// One thread at a time.
class CollectedReceipts {
 public:
  // The committer outlives it.
  explicit CollectedReceipts(ReceiptCommitter& committer)
      : committer_(committer) {}

  // Items that were refused once are no dead letters again: a provider that is
  // asked repeatedly repeats itself.
  void Add(const std::string& channel, ReadReceipts read);
  // Waits until all of it is durable. False where that failed: it is kept.
  bool Write();
  size_t size() const { return batch_.receipts.size() + batch_.refused.size(); }

 private:
  ReceiptCommitter& committer_;
  ReceiptBatch batch_;
  std::set<size_t> refused_;  // hashes of items
};

}  // namespace rekindle
