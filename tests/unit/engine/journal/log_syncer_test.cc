#include "engine/journal/log_syncer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>
#include <stdexcept>

namespace rekindle {
namespace {

class LogSyncerTest : public ::testing::Test {
 protected:
  // One sync begins; it ends with End.
  void AwaitSync() { begun_.acquire(); }
  void End(bool well = true) {
    fails_ = !well;
    may_end_.release();
  }
  // What became of waiting for the position.
  std::string Await(JournalPosition position) {
    try {
      syncer_.Await(position);
      return "durable";
    } catch (const std::runtime_error& e) {
      return e.what();
    }
  }

  std::atomic<int> syncs_ = 0;
  std::atomic<bool> fails_ = false;
  std::counting_semaphore<> begun_{0}, may_end_{0};
  LogSyncer syncer_{[this] {
    ++syncs_;
    begun_.release();
    may_end_.acquire();
    if (fails_) throw std::runtime_error("the disk fails");
  }};
};

TEST_F(LogSyncerTest, WhatIsWrittenDuringASyncSharesTheNext) {
  syncer_.Begin(1);
  AwaitSync();
  syncer_.Begin(2);
  syncer_.Begin(3);
  End();
  EXPECT_EQ(Await(1), "durable");
  End();
  EXPECT_EQ(Await(3), "durable");
  EXPECT_EQ(Await(2), "durable");
  EXPECT_EQ(syncs_, 2);
}

TEST_F(LogSyncerTest, WhoeverWaitsNeedNotHaveBegun) {
  End();
  EXPECT_EQ(Await(7), "durable");
  EXPECT_EQ(Await(0), "durable");
  EXPECT_EQ(syncs_, 1);
}

TEST_F(LogSyncerTest, AFailureIsToldUntilItIsMended) {
  End();
  EXPECT_EQ(Await(1), "durable");
  End(false);
  EXPECT_EQ(Await(2), "the disk fails");
  EXPECT_TRUE(syncer_.failed());
  EXPECT_EQ(Await(1), "durable");
  // No sync is tried: it might say that all is well.
  EXPECT_EQ(Await(3), "the disk fails");
  EXPECT_EQ(syncs_, 2);
  syncer_.Mended(2);
  EXPECT_FALSE(syncer_.failed());
  EXPECT_EQ(Await(2), "durable");
  End();
  EXPECT_EQ(Await(3), "durable");
}

}  // namespace
}  // namespace rekindle
