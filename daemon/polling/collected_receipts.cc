#include "daemon/polling/collected_receipts.h"

#include <functional>
#include <future>
#include <iterator>
#include <utility>

namespace rekindle {
namespace {

// Then all are forgotten: a dead letter more does no harm.
constexpr size_t kMostRemembered = 10'000;

}  // namespace

void CollectedReceipts::Add(const std::string& channel, ReadReceipts read) {
  if (refused_.size() > kMostRemembered) refused_.clear();
  std::erase_if(read.refused, [&](const ReadReceipts::Refused& refused) {
    return !refused_.insert(std::hash<std::string>()(refused.item)).second;
  });
  ReceiptBatch batch = ToBatch(channel, std::move(read));
  batch_.receipts.insert(batch_.receipts.end(),
                         std::make_move_iterator(batch.receipts.begin()),
                         std::make_move_iterator(batch.receipts.end()));
  batch_.refused.insert(batch_.refused.end(),
                        std::make_move_iterator(batch.refused.begin()),
                        std::make_move_iterator(batch.refused.end()));
}

bool CollectedReceipts::Write() {
  if (size() == 0) return true;
  std::promise<bool> written;
  committer_.Submit(batch_, [&](bool durable) { written.set_value(durable); });
  if (!written.get_future().get()) return false;
  batch_ = {};
  return true;
}

}  // namespace rekindle
