// Arms: shares as set, the same people where they must be, and no correlation
// between rules where they must not.
#include "rules/decision/arms.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

namespace rekindle {
namespace {

constexpr int kUsers = 40'000;

std::string Key(int i) { return "user-" + std::to_string(i); }

Rule RuleNamed(const std::string& id) {
  Rule rule;
  rule.id = id;
  return rule;
}

// Within 4.5 standard deviations of the binomial: one chance in 150,000.
void ExpectShare(int64_t hits, int64_t of, double share,
                 const std::string& what) {
  const double bound = 4.5 * std::sqrt(of * share * (1 - share));
  EXPECT_NEAR(static_cast<double>(hits), of * share, bound) << what;
}

TEST(Arms, HaveTheSharesThatWereSet) {
  for (double share : {0.01, 0.1, 0.5, 0.9}) {
    for (const char* salt : {"", "2026"}) {
      const GlobalHoldOut global{share, salt};
      int64_t everywhere = 0, here = 0;
      for (int i = 0; i < kUsers; ++i) {
        everywhere += GlobalDraw(global, Key(i)) < share;
        here += RuleDraw(global, RuleNamed("wake"), Key(i)) < share;
      }
      const std::string what = std::to_string(share) + " salt " + salt;
      ExpectShare(everywhere, kUsers, share, "global " + what);
      ExpectShare(here, kUsers, share, "rule " + what);
    }
  }
}

// Of those one draw takes, the other takes its usual share.
TEST(Arms, AreUncorrelatedAcrossRulesSaltsAndVariants) {
  const GlobalHoldOut salted{0.2, "2026"}, resalted{0.2, "2027"};
  const Rule wake = RuleNamed("wake"), win = RuleNamed("win");
  const double share = 0.2;
  std::map<std::string, int64_t> both;
  int64_t base = 0;
  for (int i = 0; i < kUsers; ++i) {
    const std::string key = Key(i);
    if (RuleDraw(salted, wake, key) >= share) continue;
    ++base;
    both["another rule"] += RuleDraw(salted, win, key) < share;
    both["another salt"] += RuleDraw(resalted, wake, key) < share;
    both["the global draw"] += GlobalDraw(salted, key) < share;
    both["the variant"] += VariantDraw(salted, wake, key) < share;
    both["another rule's variant"] += VariantDraw(salted, win, key) < share;
  }
  ASSERT_EQ(both.size(), 5u);
  for (const auto& [what, hits] : both) ExpectShare(hits, base, share, what);
}

TEST(Arms, PartVariantsByWeight) {
  Rule rule = RuleNamed("wake");
  rule.variants = {{"a", 0.2, "t"}, {"b", 0.5, "t"}, {"c", 0.3, "t"}};
  std::map<std::string, int64_t> count;
  for (int i = 0; i < kUsers; ++i) {
    ++count[ChooseVariant({0, "s"}, rule, Key(i))->id];
  }
  for (const Variant& variant : rule.variants) {
    ExpectShare(count[variant.id], kUsers, variant.weight, variant.id);
  }
  EXPECT_EQ(ChooseVariant({0, "s"}, RuleNamed("wake"), "u"), nullptr);
}

// Stored arms stand on these: a change would draw everybody anew.
TEST(Arms, StayTheSameForEver) {
  const GlobalHoldOut global{0.1, "2026"};
  const Rule rule = RuleNamed("wake");
  EXPECT_NEAR(GlobalDraw(global, "u1"), 0.3646239998, 1e-9);
  EXPECT_NEAR(RuleDraw(global, rule, "u1"), 0.1992988355, 1e-9);
  EXPECT_NEAR(VariantDraw(global, rule, "u1"), 0.8437720653, 1e-9);
}

}  // namespace
}  // namespace rekindle
