// Real histories: published sums, identities in every month, and the reference
// on every user and month.
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "config/base/words.h"
#include "engine/engine.h"
#include "engine/flows/flows.h"
#include "tests/support/reference/compare.h"
#include "tests/support/settings_text.h"
#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

using reference::Act;
using reference::Reference;
using reference::Rules;

std::filesystem::path DataFile(const std::string& set) {
  const char* shared = std::getenv("REKINDLE_SHARED");
  const std::filesystem::path root =
      shared != nullptr
          ? std::filesystem::path(shared)
          : std::filesystem::path(REKINDLE_SOURCE_DIR) / ".." / "shared";
  return root / "data" / set / "events.csv.gz";
}

// user_id, timestamp, event of each row; the columns after them are not asked
// for and nothing in these files is quoted.
std::vector<Act> ReadActs(const std::filesystem::path& path,
                          const Calendar& calendar) {
  std::vector<Act> acts;
  gzFile file = gzopen(path.c_str(), "rb");
  char line[4096];
  gzgets(file, line, sizeof line);  // the heading
  while (gzgets(file, line, sizeof line) != nullptr) {
    const auto fields = Split(Trim(line), ',');
    acts.push_back(
        {fields.at(0), *calendar.ParseMoment(fields.at(1)), fields.at(2)});
  }
  gzclose(file);
  return acts;
}

void Append(Engine& engine, const std::vector<Act>& acts) {
  constexpr size_t kBatch = 50'000;
  std::vector<Message> batch;
  for (size_t i = 0; i < acts.size(); ++i) {
    Message message;
    message.user_id = acts[i].user;
    message.when = acts[i].when;
    message.event = acts[i].event;
    batch.push_back(std::move(message));
    if (batch.size() < kBatch && i + 1 < acts.size()) continue;
    for (const auto& outcome : engine.Append(batch, acts.back().when.at)) {
      ASSERT_EQ(outcome.what, Intake::kAccepted) << outcome.reason;
    }
    batch.clear();
  }
}

// States and labels count distinct days: one act a user and day, or a user, day
// and event, says the same to the reference and spares it the rest.
enum class Keep { kDays, kDaysOfEvents };

std::vector<Act> OnePerDay(const std::vector<Act>& acts, Keep keep) {
  std::set<std::tuple<std::string_view, LocalDay, std::string_view>> seen;
  std::vector<Act> kept;
  for (const Act& act : acts) {
    std::string_view event;
    if (keep == Keep::kDaysOfEvents) event = act.event;
    if (seen.insert({act.user, act.when.day, event}).second) {
      kept.push_back(act);
    }
  }
  return kept;
}

struct DataSet {
  const char* name;
  const char* zone;
  const char* as_of;
  size_t users;
  std::vector<std::string> labels;  // events
};

// What a failing test prints of its data set.
void PrintTo(const DataSet& set, std::ostream* out) {
  *out << set.name << ", " << set.zone << ", as of " << set.as_of;
}

std::string SettingsText(const DataSet& set) {
  std::string text = std::string("time_zone: ") + set.zone + "\n";
  if (set.labels.empty()) return text;
  std::string labels;
  text += "behaviors:\n";
  for (const std::string& event : set.labels) {
    text += "  " + event + ": {event: " + event + "}\n";
    labels += "    " + event + ": {behavior: " + event + "}\n";
  }
  return text + "preferences:\n  labels:\n" + labels;
}

class PublicData {
 public:
  explicit PublicData(const DataSet& set)
      : settings_(testing::SettingsFrom(SettingsText(set))),
        acts_(ReadActs(DataFile(set.name), settings_->calendar)),
        as_of_(*settings_->calendar.ParseUntil(set.as_of)),
        engine_(*Engine::Open(dir_.path(), settings_)) {
    rules_.calendar = settings_->calendar;
    for (const std::string& event : set.labels) {
      rules_.labels.push_back({event, {event}});
    }
    Append(*engine_, acts_);
  }

  Reference MakeReference(Keep keep) const {
    return {rules_, OnePerDay(acts_, keep), {}};
  }
  std::unique_ptr<Snapshot> AtEnd() const { return engine_->At(as_of_); }
  // At the end of each month, the last as of the end.
  std::vector<Instant> MonthEnds() const {
    std::vector<Instant> ends;
    const Calendar& calendar = settings_->calendar;
    for (const FlowRow& row : ComputeFlows(*AtEnd()).flows) {
      const LocalDay last = LastDayOf(row.period, PeriodUnit::kMonth);
      ends.push_back(std::min(as_of_, calendar.EndOf(last)));
    }
    return ends;
  }
  const Engine& engine() const { return *engine_; }

 private:
  testing::TempDir dir_;
  std::shared_ptr<const EngineSettings> settings_;
  std::vector<Act> acts_;
  Instant as_of_;
  Rules rules_;
  std::unique_ptr<Engine> engine_;
};

// Every user's state at the end of one month, from a snapshot of then.
std::string CompareStates(const Snapshot& facts, const Reference& reference) {
  std::string differences;
  for (const std::string& id : reference.users()) {
    const UserNumber user = facts.users().Find(id);
    const State state = user == kNoUser ? State::kUnknown : facts.StateOf(user);
    const auto expected = reference.StateAt(id, facts.as_of());
    if (StateName(state) == expected.value_or("")) continue;
    differences += id + " is " + std::string(StateName(state)) + ", not " +
                   expected.value_or("unknown") + "\n";
  }
  return differences.substr(0, 1000);
}

class PublicDataTest : public ::testing::TestWithParam<DataSet> {
 protected:
  void SetUp() override {
    const auto file = DataFile(GetParam().name);
    if (!std::filesystem::exists(file)) {
      GTEST_SKIP() << "no public data: " << file
                   << " is absent (REKINDLE_SHARED names the folder above "
                      "data)";
    }
  }
};

void CompareStates(const PublicData& data) {
  const Reference reference = data.MakeReference(Keep::kDays);
  const auto now = data.AtEnd();
  EXPECT_EQ(reference::CheckIdentities(*now), "");
  EXPECT_EQ(reference::CompareHistories(*now, reference), "");
  const FlowTables tables = ComputeFlows(*now);
  size_t month = 0;
  for (Instant end : data.MonthEnds()) {
    SCOPED_TRACE(data.engine().settings()->calendar.Format(end));
    const auto then = data.engine().At(end);
    EXPECT_EQ(CompareStates(*then, reference), "");
    EXPECT_EQ(reference::CheckIdentities(*then), "");
    // The month's row is what it was at its end.
    const FlowRow row = ComputeFlows(*then).flows.back();
    EXPECT_TRUE(std::equal(std::begin(row.count), std::end(row.count),
                           tables.flows[month].count));
    ++month;
  }
}

// The label part of the reference is slow: three months stand for all.
void CompareLabels(const PublicData& data) {
  const Reference reference = data.MakeReference(Keep::kDaysOfEvents);
  const std::vector<Instant> ends = data.MonthEnds();
  for (size_t i : {ends.size() - 1, ends.size() - 3, ends.size() / 2}) {
    const auto facts = data.engine().At(ends[i]);
    EXPECT_EQ(reference::ComparePreferences(*facts, reference), "");
  }
}

TEST_P(PublicDataTest, CountsAddUpAndReferenceAgrees) {
  const PublicData data(GetParam());
  EXPECT_EQ(data.AtEnd()->Known().Count(), GetParam().users);
  CompareStates(data);
  if (!GetParam().labels.empty()) CompareLabels(data);
}

const std::vector<std::string> kAnswering = {"answer", "comment_question",
                                             "comment_answer"};

INSTANTIATE_TEST_SUITE_P(
    Sets, PublicDataTest,
    ::testing::Values(
        DataSet{"cdnow", "UTC", "1998-06-30", 23570, {}},
        DataSet{"college_msg", "America/Los_Angeles", "2004-10-25", 1350, {}},
        DataSet{"oulad_small",
                "Europe/London",
                "2015-06-30",
                3061,
                {"homepage", "oucontent", "forumng", "subpage", "resource",
                 "url", "quiz", "glossary", "dataplus", "oucollaborate"}},
        DataSet{"mathoverflow", "UTC", "2016-02-29", 19723, kAnswering},
        DataSet{"mathoverflow", "Asia/Shanghai", "2016-02-29", 19722,
                kAnswering}),
    [](const auto& info) {
      std::string name = std::string(info.param.name) + "_" + info.param.zone;
      std::replace(name.begin(), name.end(), '/', '_');
      return name;
    });

// The whole cohort of this log first bought in these three months.
TEST(PublishedSumsTest, CdnowFirstPurchasesByMonth) {
  if (!std::filesystem::exists(DataFile("cdnow"))) {
    GTEST_SKIP() << "no public data: " << DataFile("cdnow") << " is absent";
  }
  const PublicData data({"cdnow", "UTC", "1998-06-30", 23570, {}});
  std::vector<int64_t> first_purchases;
  for (const FlowRow& row : ComputeFlows(*data.AtEnd()).flows) {
    first_purchases.push_back(row.count[static_cast<size_t>(State::kNew)]);
  }
  std::vector<int64_t> published = {7846, 8476, 7248};
  published.resize(18, 0);
  EXPECT_EQ(first_purchases, published);
}

}  // namespace
}  // namespace rekindle
