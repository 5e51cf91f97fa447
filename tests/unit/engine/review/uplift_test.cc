#include "engine/review/uplift.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "config/base/csv.h"

namespace rekindle {
namespace {

// Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10.
TEST(UpliftTest, NewcombesExamples) {
  struct Row {
    ArmResult treated, held_out;
    double low, high;
  };
  const Row rows[] = {
      {{70, 56}, {80, 48}, 0.0524, 0.3339}, {{10, 9}, {10, 3}, 0.1705, 0.8090},
      {{7, 6}, {7, 2}, 0.0582, 0.8062},     {{56, 5}, {29, 0}, -0.0381, 0.1926},
      {{10, 0}, {20, 0}, -0.1611, 0.2775},  {{10, 0}, {10, 0}, -0.2775, 0.2775},
      {{10, 10}, {20, 0}, 0.6791, 1.0000},  {{10, 10}, {10, 0}, 0.6075, 1.0000},
  };
  for (const Row& row : rows) {
    const auto uplift = ComputeUplift(row.treated, row.held_out);
    ASSERT_TRUE(uplift);
    SCOPED_TRACE(std::to_string(row.treated.reached) + "/" +
                 std::to_string(row.treated.users) + " against " +
                 std::to_string(row.held_out.reached) + "/" +
                 std::to_string(row.held_out.users));
    EXPECT_DOUBLE_EQ(uplift->difference,
                     row.treated.rate() - row.held_out.rate());
    EXPECT_NEAR(uplift->low, row.low, 0.00005);
    EXPECT_NEAR(uplift->high, row.high, 0.00005);
  }
}

TEST(UpliftTest, TurnedRoundItIsItsMirror) {
  const auto one = ComputeUplift({70, 56}, {80, 48});
  const auto other = ComputeUplift({80, 48}, {70, 56});
  EXPECT_DOUBLE_EQ(one->difference, -other->difference);
  EXPECT_DOUBLE_EQ(one->low, -other->high);
  EXPECT_DOUBLE_EQ(one->p_value, other->p_value);
}

TEST(UpliftTest, PValueOfThePooledTest) {
  EXPECT_NEAR(ComputeUplift({70, 56}, {80, 48})->p_value, 0.0080451, 1e-7);
  EXPECT_NEAR(ComputeUplift({100, 50}, {100, 50})->p_value, 1, 1e-12);
  EXPECT_EQ(ComputeUplift({10, 0}, {20, 0})->p_value, 1);
  EXPECT_EQ(ComputeUplift({10, 10}, {20, 20})->p_value, 1);
}

TEST(UpliftTest, NothingWhereAnArmIsEmpty) {
  EXPECT_FALSE(ComputeUplift({0, 0}, {20, 3}));
  EXPECT_FALSE(ComputeUplift({20, 3}, {0, 0}));
}

TEST(UpliftTest, Verdicts) {
  struct Row {
    ArmResult treated, held_out;
    const char* verdict;
  };
  const Row rows[] = {
      {{0, 0}, {0, 0}, "collecting"},
      {{1000, 500}, {0, 0}, "collecting"},
      {{0, 0}, {1000, 500}, "collecting"},
      {{8, 4}, {1000, 10}, "collecting"},
      {{1000, 900}, {8, 4}, "collecting"},
      {{9, 4}, {1000, 10}, "works"},
      {{1000, 0}, {1000, 0}, "no effect seen"},
      {{1000, 100}, {1000, 110}, "no effect seen"},
      {{1000, 200}, {1000, 100}, "works"},
      {{1000, 100}, {1000, 200}, "harms"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(VerdictName(Judge(row.treated, row.held_out)), row.verdict)
        << row.treated.reached << "/" << row.treated.users << " against "
        << row.held_out.reached << "/" << row.held_out.users;
  }
}

// --- public experiments

std::filesystem::path DataFolder() {
  if (const char* given = std::getenv("REKINDLE_SHARED")) {
    return std::filesystem::path(given) / "data";
  }
  return std::filesystem::path(REKINDLE_SOURCE_DIR) / "../shared/data";
}

std::string ReadGz(const std::filesystem::path& file) {
  std::string text;
  const gzFile in = gzopen(file.c_str(), "rb");
  if (in == nullptr) return text;
  std::vector<char> buffer(1 << 16);
  for (int n; (n = gzread(in, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), n);
  }
  gzclose(in);
  return text;
}

// Results by arm from a CSV file with a heading: the arm's column and that of
// the outcome, which counts where it is `yes`.
std::map<std::string, ArmResult> ReadArms(const std::string& csv, size_t arm,
                                          size_t outcome,
                                          const std::string& yes) {
  std::map<std::string, ArmResult> arms;
  std::istringstream in(csv);
  CsvReader reader(in);
  std::vector<std::string> fields;
  reader.Next(&fields);
  while (reader.Next(&fields)) {
    ArmResult& result = arms[fields.at(arm)];
    ++result.users;
    if (fields.at(outcome) == yes) ++result.reached;
  }
  return arms;
}

TEST(UpliftTest, CookieCats) {
  const auto file = DataFolder() / "cookie_cats/cookie_cats.csv.gz";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file;
  const std::string csv = ReadGz(file);
  struct Row {
    size_t column;
    int64_t treated, held_out;
    double difference, low, high, p_value, tolerance;
    Verdict verdict;
  };
  const Row rows[] = {
      {3, 20034, 20119, 0.005905, -0.000582, 0.012392, 0.0744, 0.00005,
       Verdict::kNoEffectSeen},
      {4, 8502, 8279, 0.008201, 0.003121, 0.013282, 0.00155, 0.000005,
       Verdict::kWorks},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE("column " + std::to_string(row.column));
    auto arms = ReadArms(csv, 1, row.column, "True");
    const ArmResult& treated = arms["gate_30"];
    const ArmResult& held_out = arms["gate_40"];
    EXPECT_EQ(treated.users, 44700);
    EXPECT_EQ(held_out.users, 45489);
    EXPECT_EQ(treated.reached, row.treated);
    EXPECT_EQ(held_out.reached, row.held_out);
    const auto uplift = ComputeUplift(treated, held_out);
    ASSERT_TRUE(uplift);
    EXPECT_NEAR(uplift->difference, row.difference, 5e-7);
    EXPECT_NEAR(uplift->low, row.low, 5e-7);
    EXPECT_NEAR(uplift->high, row.high, 5e-7);
    EXPECT_NEAR(uplift->p_value, row.p_value, row.tolerance);
    EXPECT_EQ(Judge(treated, held_out), row.verdict);
  }
}

TEST(UpliftTest, SocialPressure) {
  const auto file = DataFolder() / "social_pressure/social.csv.gz";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no " << file;
  auto arms = ReadArms(ReadGz(file), 3, 4, "1");
  const ArmResult& control = arms["Control"];
  EXPECT_EQ(control.users, 191243);
  struct Row {
    const char* arm;
    int64_t users;
    double difference, low, high;
  };
  const Row rows[] = {
      {"Civic Duty", 38218, 0.017899, 0.012829, 0.023000},
      {"Hawthorne", 38204, 0.025736, 0.020637, 0.030865},
      {"Neighbors", 38201, 0.081310, 0.076044, 0.086595},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.arm);
    const ArmResult& mailed = arms[row.arm];
    EXPECT_EQ(mailed.users, row.users);
    const auto uplift = ComputeUplift(mailed, control);
    ASSERT_TRUE(uplift);
    EXPECT_NEAR(uplift->difference, row.difference, 5e-7);
    EXPECT_NEAR(uplift->low, row.low, 5e-7);
    EXPECT_NEAR(uplift->high, row.high, 5e-7);
    EXPECT_LT(uplift->p_value, 1e-11);
    EXPECT_EQ(Judge(mailed, control), Verdict::kWorks);
  }
}

}  // namespace
}  // namespace rekindle
