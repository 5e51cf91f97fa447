// Tests daemon/receipts/receipt_committer.cc: what was said to be durable is
// there, and at the end nothing waits. Its receipts are about touches that
// nobody knows, so that the ledger keeps each.
#include "daemon/receipts/receipt_committer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>

#include "tests/support/small_engine.h"

namespace rekindle {
namespace {

using namespace std::chrono_literals;

class ReceiptCommitterTest : public ::testing::Test {
 protected:
  static ReceiptBatch ReceiptOf(const std::string& touch_id) {
    ReadReceipts read;
    read.receipts.emplace_back();
    read.receipts.back().channel = "sms";
    read.receipts.back().touch_id = touch_id;
    return ToBatch("sms", std::move(read));
  }
  static ReceiptBatch Unreadable() {
    ReadReceipts read;
    read.refused.push_back({.item = "{}", .reason = "it names no touch"});
    return ToBatch("sms", std::move(read));
  }

  std::future<bool> Submit(ReceiptBatch batch) {
    auto answer = std::make_shared<std::promise<bool>>();
    committer_->Submit(std::move(batch),
                       [answer](bool durable) { answer->set_value(durable); });
    return answer->get_future();
  }

  Engine& engine() { return engine_.engine(); }
  int64_t CountReceipts() { return engine().ledger().CountKeptReceipts(); }
  int64_t CountDeadLetters() {
    int64_t rows = 0;
    for (const auto& file : ListDeadLetters(engine().data_dir())) {
      rows += file.rows;
    }
    return rows;
  }

  testing::SmallEngine engine_{"behaviors: {open: {event: open}}"};
  FixedClock clock_{FromMillis(1772359200000)};
  std::unique_ptr<ReceiptCommitter> committer_ =
      std::make_unique<ReceiptCommitter>(engine_.engine(), clock_);
};

TEST_F(ReceiptCommitterTest, WhoWaitsIsToldOnceItIsDurable) {
  std::vector<std::future<bool>> answers;
  for (int i = 0; i < 20; ++i) {
    answers.push_back(Submit(ReceiptOf("t" + std::to_string(i))));
  }
  answers.push_back(Submit(Unreadable()));
  for (auto& answer : answers) EXPECT_TRUE(answer.get());
  EXPECT_EQ(CountReceipts(), 20);
  EXPECT_EQ(CountDeadLetters(), 1);
  EXPECT_EQ(committer_->stats().of(ReceiptFate::kUnknown), 20);
  EXPECT_EQ(committer_->stats().refused, 1);
}

TEST_F(ReceiptCommitterTest, WhatNobodyWaitsForIsWrittenWhenItCanBe) {
  // A file stands where the folder should.
  const auto folder = engine().data_dir() / "dead_letter";
  std::ofstream(folder) << "x";
  committer_->Submit(Unreadable());
  EXPECT_FALSE(Submit(Unreadable()).get());
  EXPECT_TRUE(committer_->stats().failing);
  std::filesystem::remove(folder);
  EXPECT_TRUE(Submit(ReceiptOf("t")).get());
  EXPECT_FALSE(committer_->stats().failing);
  EXPECT_EQ(CountDeadLetters(), 1) << "who waited comes again by themselves";
}

TEST_F(ReceiptCommitterTest, AtTheEndNothingWaits) {
  LinkVisit visit;
  visit.touch_id = "clicked early";
  visit.channel = "mail";
  visit.sent_at = clock_.Now() - 1s;
  visit.number = 1;
  visit.links = 2;
  EXPECT_FALSE(committer_->clicks().IsClick(visit, clock_.Now()));
  committer_->Submit(ReceiptOf("t"));
  auto answer = Submit(ReceiptOf("u"));
  committer_.reset();
  EXPECT_TRUE(answer.get());
  EXPECT_EQ(CountReceipts(), 3);
}

}  // namespace
}  // namespace rekindle
