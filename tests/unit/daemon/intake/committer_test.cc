// Tests daemon/intake/committer.cc and refusal_log.cc: what was answered is
// there, what was refused can be mended and imported.
#include "daemon/intake/committer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "daemon/intake/call_reader.h"
#include "engine/import/importer.h"
#include "tests/support/failing_sync.h"
#include "tests/support/small_engine.h"

namespace rekindle {
namespace {

const Instant kNow = *Calendar::Utc().ParseFrom("2026-03-01T00:00:00Z");

class CommitterTest : public ::testing::Test {
 protected:
  std::unique_ptr<Call> Read(const std::string& body) {
    auto call = std::make_unique<Call>();
    call->path = "/v1/batch";
    call->received_at = kNow;
    call->body = body;
    call->body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
    EXPECT_FALSE(CallReader().Read(Calendar::Utc(), call.get()));
    return call;
  }

  std::future<bool> Submit(const std::string& body) {
    auto answer = std::make_shared<std::promise<bool>>();
    committer_.Submit(Read(body),
                      [answer](std::unique_ptr<Call>, bool durable) {
                        answer->set_value(durable);
                      });
    return answer->get_future();
  }
  // Submits all of them, then waits; true where all are durable.
  bool Commit(const std::vector<std::string>& bodies) {
    std::vector<std::future<bool>> answers;
    for (const std::string& body : bodies) answers.push_back(Submit(body));
    bool all = true;
    for (auto& answer : answers) all &= answer.get();
    return all;
  }

  Engine& engine() { return engine_.engine(); }

  testing::SmallEngine engine_{"behaviors: {open: {event: open}}"};
  FixedClock clock_{kNow};
  RefusalLog refusals_{engine_.engine().data_dir()};
  IntakeStats stats_;
  Committer committer_{engine_.engine(), clock_, refusals_, stats_};
};

std::string TrackBy(const std::string& id, const std::string& more = "") {
  return R"({"type":"track","userId":"u","event":"open","messageId":")" + id +
         "\"" + more + "}";
}

TEST_F(CommitterTest, ManyCallsEachMessageOnce) {
  std::vector<std::string> bodies;
  for (int i = 0; i < 200; ++i) {
    bodies.push_back(R"({"batch":[)" + TrackBy("a" + std::to_string(i)) + "," +
                     TrackBy("b" + std::to_string(i / 2)) + "]}");
  }
  EXPECT_TRUE(Commit(bodies));
  EXPECT_EQ(stats_.accepted, 300);
  EXPECT_EQ(stats_.duplicate, 100);
  EXPECT_EQ(engine().journal().stats().events, 300);
  EXPECT_TRUE(Commit(bodies));
  EXPECT_EQ(engine().journal().stats().events, 300);
}

TEST_F(CommitterTest, AFewWaitForTheGroupUnderWayAndManyDoNot) {
  const auto batch = [](const std::string& name, int messages) {
    std::string body = R"({"batch":[)" + TrackBy(name);
    for (int i = 1; i < messages; ++i) {
      body += "," + TrackBy(name + std::to_string(i));
    }
    return body + "]}";
  };
  const auto events = [&] { return engine().journal().stats().events; };
  const auto await_events = [&](int64_t count) {
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (events() < count && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(events(), count);
  };
  // A new log is synced as it is begun.
  EXPECT_TRUE(Commit({batch("first", 1)}));
  std::vector<std::future<bool>> answers;
  {
    const testing::HeldSync held("journal.db-wal");
    answers.push_back(Submit(batch("a", 1)));
    await_events(2);
    answers.push_back(Submit(batch("b", 1)));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(events(), 2);
    answers.push_back(Submit(batch("c", 600)));
    await_events(603);
    for (auto& answer : answers) {
      EXPECT_EQ(answer.wait_for(std::chrono::seconds(0)),
                std::future_status::timeout);
    }
  }
  for (auto& answer : answers) EXPECT_TRUE(answer.get());
}

TEST_F(CommitterTest, WhatIsRefusedIsKeptAndCanBeImportedLater) {
  // Six minutes ahead of a clock that is five minutes fast: beyond a day.
  const std::string sent = R"("sentAt":"2026-03-01T00:05:00Z","batch":[)";
  EXPECT_TRUE(Commit({"{" + sent + TrackBy("m1") + "," +
                      TrackBy("m2", R"(,"timestamp":"2026-03-02T00:06:00Z")") +
                      R"(,{"x":1}]})"}));
  EXPECT_EQ(stats_.accepted, 1);
  EXPECT_EQ(stats_.refused(Refusal::kUnreadable), 1);
  EXPECT_EQ(stats_.refused(Refusal::kEngine), 1);
  auto latest = refusals_.Latest();
  ASSERT_EQ(latest.size(), 2u);
  EXPECT_EQ(latest[0].item, 2);
  EXPECT_EQ(latest[0].reason,
            "its time 2026-03-02T00:01:00+00:00 is more than 24 hours in the "
            "future");
  EXPECT_EQ(latest[1].item, 3);

  auto letters = ListDeadLetters(engine().data_dir());
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].path.filename(), "20260301-intake.ndjson");
  EXPECT_EQ(letters[0].rows, 2);
  auto file = InputFile::Open(letters[0].path);
  ASSERT_TRUE(file);
  auto summary = Import(engine(), **file, {.format = ImportFormat::kDeadLetter},
                        kNow + std::chrono::hours(2), nullptr);
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->accepted, 1);
  EXPECT_EQ(summary->rejected, 1);
  EXPECT_EQ(*engine().journal().stats().last,
            *Calendar::Utc().ParseFrom("2026-03-02T00:01:00Z"));
}

TEST_F(CommitterTest, TheForgottenAreKeptNowhere) {
  EXPECT_TRUE(Commit({R"({"batch":[)" + TrackBy("m1") + "]}"}));
  ASSERT_TRUE(engine().Forget("u"));
  EXPECT_TRUE(Commit({R"({"batch":[)" + TrackBy("m2") + "]}"}));
  EXPECT_EQ(stats_.refused(Refusal::kEngine), 1);
  EXPECT_TRUE(ListDeadLetters(engine().data_dir()).empty());
}

TEST_F(CommitterTest, WithoutADeadLetterTheCallIsNotDone) {
  // A file stands where the folder should.
  std::ofstream(engine().data_dir() / "dead_letter") << "x";
  EXPECT_FALSE(Commit({R"({"batch":[{"x":1},)" + TrackBy("m1") + "]}"}));
  EXPECT_TRUE(stats_.failing);
  EXPECT_TRUE(Commit({R"({"batch":[)" + TrackBy("m2") + "]}"}));
  std::filesystem::remove(engine().data_dir() / "dead_letter");
  EXPECT_TRUE(Commit({R"({"batch":[{"x":1},)" + TrackBy("m1") + "]}"}));
  EXPECT_FALSE(stats_.failing);
}

}  // namespace
}  // namespace rekindle
