// One test of a profile value or an event property: the right side of
// `profile: {age: {gte: 18}}` and `where: {amount: {gte: 500}}`.
//
// Operators: eq ne gt gte lt lte in not_in contains starts_with exists before
// after. A bare value means eq, a list means in. Keys side by side mean all of
// them; a range of numbers or times that leaves nothing is refused. A missing
// value holds for `exists: false`, `ne` and `not_in` only.
//
// Values are compared as what they are: gt/gte/lt/lte as numbers (a text that
// reads as a number counts as one), before/after as days or instants of the
// business calendar, everything else as text, so that a phone number or an id
// keeps its leading zeros; true/false compare with the texts "true"/"false",
// and 500 equals "500" and 500.0.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/base/calendar.h"
#include "config/base/phrase.h"
#include "config/yaml/node.h"

namespace rekindle {

// A JSON scalar; monostate: missing or null.
using Value = std::variant<std::monostate, bool, double, std::string>;

// The value as a number; a text that reads as one counts, too.
std::optional<double> NumberOf(const Value& value);

// Text for people and templates: no trailing zeros, true/false, "" if missing.
std::string ValueText(const Value& value);

// Immutable; thread-safe; cheap enough to copy.
class ValueTest {
 public:
  static std::optional<ValueTest> Parse(const yaml::Node& node,
                                        yaml::Diagnostics& d,
                                        std::string_view what,
                                        const Calendar& calendar);

  bool Holds(const Value& value) const;
  // "gte 18", "in 上海, 杭州", "eq true", "gte 18 and lt 30"; texts that hold
  // more than a plain word are quoted, so that different tests read
  // differently.
  Phrase Describe() const;

 private:
  enum class Operator {
    kEq,
    kNe,
    kGt,
    kGte,
    kLt,
    kLte,
    kIn,
    kNotIn,
    kContains,
    kStartsWith,
    kExists,
    kBefore,
    kAfter,
  };
  struct Clause {
    Operator op;
    std::vector<std::string> texts;  // as written
    std::vector<double> numbers;     // one a text; NaN: not a number
    std::optional<Moment> moment;    // before, after
    bool flag = false;               // exists
  };
  struct Word {
    std::string_view word;
    Operator op;
  };
  static const Word kWords[13];
  static std::string_view WordOf(Operator op);
  static std::optional<Clause> ParseClause(Operator op, const yaml::Node& node,
                                           yaml::Diagnostics& d,
                                           std::string_view what,
                                           const Calendar& calendar);
  static bool ComparesNumbers(Operator op);
  // Whether a number, or a time, can pass all clauses that compare such.
  bool AnyNumberPasses() const;
  bool AnyTimePasses() const;
  static bool HoldsOne(const Clause& clause, const Value& value,
                       const Calendar& calendar);
  std::vector<Clause> clauses_;
  Calendar calendar_ = Calendar::Utc();
};

}  // namespace rekindle
