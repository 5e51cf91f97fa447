#include "daemon/receipts/receipt_committer.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace rekindle {
namespace {

using namespace std::chrono_literals;

constexpr auto kPause = 1s;
// Of batches that nobody waits for, while the disk fails or a plan is written.
constexpr size_t kMostReceiptsWaiting = 100'000;

}  // namespace

ReceiptBatch ToBatch(const std::string& channel, ReadReceipts read) {
  ReceiptBatch batch;
  batch.receipts = std::move(read.receipts);
  int64_t line = 0;
  for (auto& refused : read.refused) {
    batch.refused.push_back({.file = "receipts/" + channel,
                             .line = ++line,
                             .reason = std::move(refused.reason),
                             .what = ImportWhat::kReceipts,
                             .format = ImportFormat::kNdjson,
                             .header = "",
                             .record = std::move(refused.item)});
  }
  return batch;
}

ReceiptCommitter::ReceiptCommitter(Engine& engine, const Clock& clock)
    : engine_(engine), clock_(clock), thread_([this] { Loop(); }) {}

ReceiptCommitter::~ReceiptCommitter() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void ReceiptCommitter::Submit(ReceiptBatch batch, Done done) {
  {
    std::lock_guard lock(mutex_);
    if (!done && waiting_.size() >= kMostReceiptsWaiting) return;
    waiting_.push_back({std::move(batch), std::move(done)});
  }
  wake_.notify_one();
}

std::vector<ReceiptCommitter::Waiting> ReceiptCommitter::TakeGroup() {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, kPause, [&] { return stopping_ || !waiting_.empty(); });
  return std::exchange(waiting_, {});
}

void ReceiptCommitter::Loop() {
  while (true) {
    std::vector<Waiting> group = TakeGroup();
    bool ending;
    {
      std::lock_guard lock(mutex_);
      ending = stopping_ && waiting_.empty();
    }
    auto clicks = clicks_.TakeDue(clock_.Now(), /*all=*/ending);
    if (!clicks.empty()) group.push_back({{std::move(clicks), {}}, nullptr});
    if (!group.empty()) Commit(std::move(group));
    if (ending) return;
  }
}

void ReceiptCommitter::Commit(std::vector<Waiting> group) {
  const bool durable = Write(group);
  stats_.failing = !durable;
  for (Waiting& one : group) {
    if (one.done) one.done(durable);
  }
  if (durable) return;
  KeepForLater(std::move(group));
}

bool ReceiptCommitter::Write(const std::vector<Waiting>& group) {
  std::vector<Receipt> receipts;
  std::vector<RejectedRow> refused;
  for (const Waiting& one : group) {
    const auto& batch = one.batch;
    receipts.insert(receipts.end(), batch.receipts.begin(),
                    batch.receipts.end());
    refused.insert(refused.end(), batch.refused.begin(), batch.refused.end());
  }
  try {
    const Instant now = clock_.Now();
    if (!receipts.empty()) {
      const auto users_stay = engine_.At(now);
      for (ReceiptFate fate : engine_.ledger().TakeReceipts(receipts, now)) {
        stats_.Count(fate);
      }
    }
    // Last: what is written before a failure is written once more, which only
    // receipts bear.
    if (!refused.empty()) {
      AppendToDeadLetter(engine_.data_dir(), refused, now);
    }
    stats_.refused += static_cast<int64_t>(refused.size());
    return true;
  } catch (const std::exception& e) {
    spdlog::error("receipts could not be written: {}", e.what());
    return false;
  }
}

// Those who wait were told, and come again by themselves.
void ReceiptCommitter::KeepForLater(std::vector<Waiting> group) {
  std::erase_if(group, [](const Waiting& one) { return one.done != nullptr; });
  if (group.size() > kMostReceiptsWaiting) group.resize(kMostReceiptsWaiting);
  std::unique_lock lock(mutex_);
  if (stopping_) return;
  waiting_.insert(waiting_.begin(), std::make_move_iterator(group.begin()),
                  std::make_move_iterator(group.end()));
  wake_.wait_for(lock, kPause, [&] { return stopping_; });
}

}  // namespace rekindle
