#include "engine/behavior/value_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "config/base/words.h"

namespace rekindle {
namespace {

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

double ReadNumber(std::string_view text) {
  text = Trim(text);
  double number = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return kNotANumber;
  }
  return std::isfinite(number) ? number : kNotANumber;
}

// "007" and "0138..." are ids and phone numbers, not amounts.
bool HasLeadingZero(std::string_view text) {
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

// Only a value that is a number equals other spellings of it: as texts, the
// versions "1.1" and "1.10" differ.
bool Equal(const Value& value, const std::string& text, double number) {
  if (const auto* own = std::get_if<double>(&value)) {
    if (!HasLeadingZero(text) && *own == number) return true;
  }
  return ValueText(value) == text;
}

// Quoted unless it is a plain word, so that "a, b" is not taken for two.
std::string Quoted(const std::string& text) {
  const bool plain =
      !text.empty() && text.find_first_of(" ,\"\\\n\t") == std::string::npos;
  if (plain) return text;
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

std::optional<double> NumberOf(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return std::nullopt;
  const double number = ReadNumber(*text);
  if (std::isnan(number)) return std::nullopt;
  return number;
}

std::string ValueText(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) {
    return *flag ? "true" : "false";
  }
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  const auto* number = std::get_if<double>(&value);
  if (number == nullptr) return "";
  // Up to here doubles hold every integer.
  if (std::abs(*number) <= 0x1p53 && *number == std::trunc(*number)) {
    return fmt::format("{}", static_cast<int64_t>(*number));
  }
  return fmt::format("{}", *number);
}

const ValueTest::Word ValueTest::kWords[] = {
    {"eq", Operator::kEq},
    {"ne", Operator::kNe},
    {"gt", Operator::kGt},
    {"gte", Operator::kGte},
    {"lt", Operator::kLt},
    {"lte", Operator::kLte},
    {"in", Operator::kIn},
    {"not_in", Operator::kNotIn},
    {"contains", Operator::kContains},
    {"starts_with", Operator::kStartsWith},
    {"exists", Operator::kExists},
    {"before", Operator::kBefore},
    {"after", Operator::kAfter},
};

std::string_view ValueTest::WordOf(Operator op) {
  return std::find_if(std::begin(kWords), std::end(kWords),
                      [op](const Word& word) { return word.op == op; })
      ->word;
}

std::optional<ValueTest> ValueTest::Parse(const yaml::Node& node,
                                          yaml::Diagnostics& d,
                                          std::string_view what,
                                          const Calendar& calendar) {
  ValueTest test;
  test.calendar_ = calendar;
  const int errors_before = d.errors();
  const auto add = [&](Operator op, const yaml::Node& value,
                       const std::string& name) {
    auto clause = ParseClause(op, value, d, name, calendar);
    if (clause) test.clauses_.push_back(*std::move(clause));
  };
  if (!node.IsMap()) {
    add(node.IsList() ? Operator::kIn : Operator::kEq, node, std::string(what));
  }
  std::vector<std::string> words;
  for (const Word& word : kWords) words.emplace_back(word.word);
  yaml::NoteKeys(node, d, words);
  for (const auto& [key, value] : node.Entries()) {
    if (!yaml::CheckKnown(key, d, "operator", words)) continue;
    const auto index =
        std::find(words.begin(), words.end(), key.text()) - words.begin();
    add(kWords[index].op, value, fmt::format("{} {}", what, key.text()));
  }
  if (node.IsMap() && node.Entries().empty()) {
    d.Error(node.position(), fmt::format("{} needs a value or an operator: {}",
                                         what, OneOf(words)));
  }
  if (d.errors() != errors_before) return std::nullopt;
  const char* none = nullptr;
  if (!test.AnyNumberPasses()) none = "number";
  if (!test.AnyTimePasses()) none = "time";
  if (none == nullptr) return test;
  d.Error(node.position(),
          fmt::format("{} can never hold: no {} is in this range", what, none));
  return std::nullopt;
}

bool ValueTest::ComparesNumbers(Operator op) {
  return op == Operator::kGt || op == Operator::kGte || op == Operator::kLt ||
         op == Operator::kLte;
}

bool ValueTest::AnyNumberPasses() const {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool compares = false, text = false;
  for (const Clause& clause : clauses_) {
    const bool equals = clause.op == Operator::kEq;
    const bool from = clause.op == Operator::kGt || clause.op == Operator::kGte;
    if (!equals && !ComparesNumbers(clause.op)) continue;
    compares |= !equals;
    text |= std::isnan(clause.numbers[0]);
    if (equals || from) low = std::max(low, clause.numbers[0]);
    if (equals || !from) high = std::min(high, clause.numbers[0]);
  }
  if (!compares) return true;
  if (text || low != high) return !text && low < high;
  return std::all_of(clauses_.begin(), clauses_.end(), [&](const Clause& c) {
    return !ComparesNumbers(c.op) || HoldsOne(c, low, calendar_);
  });
}

bool ValueTest::AnyTimePasses() const {
  const Moment* after = nullptr;
  const Moment* before = nullptr;
  for (const Clause& clause : clauses_) {
    if (clause.op == Operator::kAfter) after = &*clause.moment;
    if (clause.op == Operator::kBefore) before = &*clause.moment;
  }
  if (after == nullptr || before == nullptr) return true;
  if (!after->by_day) return after->at < before->at;
  // A day of its own lies between two days, or part of one before an instant.
  const int32_t first = ToNumber(after->day) + 1;
  const int32_t end = ToNumber(before->day) + (before->by_day ? 0 : 1);
  return first < end;
}

std::optional<ValueTest::Clause> ValueTest::ParseClause(
    Operator op, const yaml::Node& node, yaml::Diagnostics& d,
    std::string_view what, const Calendar& calendar) {
  Clause clause;
  clause.op = op;
  switch (op) {
    case Operator::kExists: {
      const auto flag = node.AsBool(d, what);
      if (!flag) return std::nullopt;
      clause.flag = *flag;
      clause.texts = {*flag ? "true" : "false"};
      return clause;
    }
    case Operator::kGt:
    case Operator::kGte:
    case Operator::kLt:
    case Operator::kLte: {
      const auto number = node.AsNumber(d, what);
      if (!number) return std::nullopt;
      clause.texts = {ValueText(*number)};
      clause.numbers = {*number};
      return clause;
    }
    case Operator::kBefore:
    case Operator::kAfter: {
      const auto text = node.AsString(d, what);
      if (!text) return std::nullopt;
      const auto moment = calendar.ParseMoment(*text);
      if (!moment) {
        d.Error(node.position(),
                fmt::format("{} must be a date like 2026-02-14 or an instant "
                            "like 2026-02-14T09:30:00+08:00, not \"{}\"",
                            what, *text));
        return std::nullopt;
      }
      clause.moment = *moment;
      clause.texts = {*text};
      return clause;
    }
    case Operator::kEq:
    case Operator::kNe: {
      auto text = node.AsString(d, what);
      if (!text) return std::nullopt;
      clause.texts = {*std::move(text)};
      break;
    }
    default:
      clause.texts = node.AsStrings(d, what);
      if (clause.texts.empty()) return std::nullopt;
  }
  for (const std::string& text : clause.texts) {
    clause.numbers.push_back(ReadNumber(text));
  }
  return clause;
}

bool ValueTest::HoldsOne(const Clause& clause, const Value& value,
                         const Calendar& calendar) {
  const bool missing = std::holds_alternative<std::monostate>(value);
  if (clause.op == Operator::kExists) return clause.flag != missing;
  if (missing) {
    return clause.op == Operator::kNe || clause.op == Operator::kNotIn;
  }
  const auto equals_any = [&] {
    for (size_t i = 0; i < clause.texts.size(); ++i) {
      if (Equal(value, clause.texts[i], clause.numbers[i])) return true;
    }
    return false;
  };
  const auto any_text = [&](auto&& test) {
    const std::string own = ValueText(value);
    return std::any_of(
        clause.texts.begin(), clause.texts.end(),
        [&](const std::string& wanted) { return test(own, wanted); });
  };
  const auto moment = [&]() -> std::optional<Moment> {
    const auto read = calendar.ParseMoment(Trim(ValueText(value)));
    if (!read) return std::nullopt;
    return *read;
  };
  const double number = NumberOf(value).value_or(kNotANumber);
  switch (clause.op) {
    case Operator::kEq:
    case Operator::kIn:
      return equals_any();
    case Operator::kNe:
    case Operator::kNotIn:
      return !equals_any();
    // Comparing with NaN is false: what is no number is in no range.
    case Operator::kGt:
      return number > clause.numbers[0];
    case Operator::kGte:
      return number >= clause.numbers[0];
    case Operator::kLt:
      return number < clause.numbers[0];
    case Operator::kLte:
      return number <= clause.numbers[0];
    case Operator::kContains:
      return any_text([](const std::string& own, const std::string& wanted) {
        return own.find(wanted) != std::string::npos;
      });
    case Operator::kStartsWith:
      return any_text([](const std::string& own, const std::string& wanted) {
        return own.starts_with(wanted);
      });
    case Operator::kBefore: {
      const auto own = moment();
      if (!own) return false;
      return clause.moment->by_day ? own->day < clause.moment->day
                                   : own->at < clause.moment->at;
    }
    case Operator::kAfter: {
      const auto own = moment();
      if (!own) return false;
      return clause.moment->by_day ? own->day > clause.moment->day
                                   : own->at > clause.moment->at;
    }
    case Operator::kExists:
      break;
  }
  return false;
}

bool ValueTest::Holds(const Value& value) const {
  return std::all_of(clauses_.begin(), clauses_.end(), [&](const Clause& c) {
    return HoldsOne(c, value, calendar_);
  });
}

Phrase ValueTest::Describe() const {
  std::vector<std::string> tests;
  for (const Clause& clause : clauses_) {
    std::vector<std::string> texts;
    for (const std::string& wanted : clause.texts) {
      texts.push_back(Quoted(wanted));
    }
    tests.push_back(fmt::format("{} {}", WordOf(clause.op), Join(texts, ", ")));
  }
  return Joined("{} and {}", tests);
}

}  // namespace rekindle
