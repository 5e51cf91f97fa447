#include "config/yaml/node.h"

#include <charconv>
#include <cmath>

#include "config/base/words.h"
#include "config/yaml/position.h"

namespace rekindle::yaml {
namespace {

std::string Quote(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

bool AllDigits(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Digits as JSON has them: no leading zero but 0 itself.
bool IsWhole(std::string_view text) {
  return AllDigits(text) && (text.size() == 1 || text[0] != '0');
}

std::string_view WithoutMinus(std::string_view text) {
  return text.starts_with('-') ? text.substr(1) : text;
}

// What is likely meant by a text that is no whole number.
std::string IntegerHint(std::string_view text) {
  std::string_view digits = WithoutMinus(text);
  if (digits.starts_with("0x") || digits.starts_with("0X") ||
      digits.starts_with("0o")) {
    return "write it in decimal digits";
  }
  return AllDigits(digits) ? "leading zeros are not allowed" : "";
}

template <class Number>
std::optional<Number> ReadAll(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

// A decimal number as JSON has it.
std::optional<double> ReadNumber(std::string_view text) {
  std::string_view digits = WithoutMinus(text);
  digits = digits.substr(0, digits.find_first_of(".eE"));
  bool plain_end = !text.empty() && text.back() >= '0' && text.back() <= '9';
  if (!IsWhole(digits) || !plain_end) return std::nullopt;
  std::optional<double> number = ReadAll<double>(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::string_view BoolHint(std::string_view text) {
  std::string lower;
  for (char c : text) lower += static_cast<char>(c | 0x20);
  for (std::string_view word : {"yes", "on", "y", "true"}) {
    if (lower == word) return "write true";
  }
  for (std::string_view word : {"no", "off", "n", "false"}) {
    if (lower == word) return "write false";
  }
  return "";
}

}  // namespace

Node::Node(const YAML::Node& node, std::shared_ptr<const SourceFile> file)
    : node_(node), file_(std::move(file)) {}

Node& Node::operator=(const Node& other) {
  if (this == &other) return *this;
  node_.reset(other.node_);
  file_ = other.file_;
  key_ = other.key_;
  return *this;
}

std::string_view Node::KindName() const {
  if (IsMap()) return "a map";
  if (IsList()) return "a list";
  if (IsScalar()) return "a text";
  return "nothing";
}

Position Node::position() const {
  bool missing = IsNull() && !key_.is_null();
  return PositionOfMark(file_, missing ? key_ : node_.Mark());
}

const std::string& Node::text() const { return node_.Scalar(); }

bool Node::plain() const { return IsScalar() && node_.Tag() == "?"; }

std::vector<Node> Node::Items() const {
  std::vector<Node> items;
  if (!IsList()) return items;
  for (const YAML::Node& item : node_) items.emplace_back(item, file_);
  return items;
}

std::vector<std::pair<Node, Node>> Node::Entries() const {
  std::vector<std::pair<Node, Node>> entries;
  if (!IsMap()) return entries;
  for (const auto& entry : node_) {
    entries.emplace_back(Node(entry.first, file_), Node(entry.second, file_));
    entries.back().second.key_ = entry.first.Mark();
  }
  return entries;
}

std::nullopt_t Node::Mismatch(Diagnostics& d, std::string_view what,
                              std::string_view expected,
                              std::string_view hint) const {
  std::string message = std::string(what) + " must be ";
  message += expected;
  message += IsScalar() && !plain() ? ", not the text " : ", not ";
  message += IsScalar() ? Quote(text()) : std::string(KindName());
  if (!hint.empty()) message += "; " + std::string(hint);
  d.Error(position(), std::move(message));
  return std::nullopt;
}

std::optional<std::string> Node::AsString(Diagnostics& d,
                                          std::string_view what) const {
  if (!IsScalar()) return Mismatch(d, what, "a text");
  return text();
}

std::optional<int64_t> Node::AsInteger(Diagnostics& d,
                                       std::string_view what) const {
  constexpr std::string_view kExpected = "a whole number";
  if (!IsScalar()) return Mismatch(d, what, kExpected);
  if (!IsWhole(WithoutMinus(text()))) {
    return Mismatch(d, what, kExpected, IntegerHint(text()));
  }
  if (!plain()) return Mismatch(d, what, kExpected, "drop the quotes");
  std::optional<int64_t> number = ReadAll<int64_t>(text());
  if (!number) return Mismatch(d, what, kExpected, "it is too large");
  return number;
}

std::optional<double> Node::AsNumber(Diagnostics& d,
                                     std::string_view what) const {
  constexpr std::string_view kExpected = "a number";
  if (!IsScalar()) return Mismatch(d, what, kExpected);
  std::optional<double> number = ReadNumber(text());
  if (!number) return Mismatch(d, what, kExpected, IntegerHint(text()));
  if (!plain()) return Mismatch(d, what, kExpected, "drop the quotes");
  return number;
}

std::optional<bool> Node::AsBool(Diagnostics& d, std::string_view what) const {
  constexpr std::string_view kExpected = "true or false";
  if (!IsScalar()) return Mismatch(d, what, kExpected);
  bool known = text() == "true" || text() == "false";
  if (!known) return Mismatch(d, what, kExpected, BoolHint(text()));
  if (!plain()) return Mismatch(d, what, kExpected, "drop the quotes");
  return text() == "true";
}

std::optional<double> Node::AsShare(Diagnostics& d,
                                    std::string_view what) const {
  constexpr std::string_view kExpected = "a percentage, such as 50%";
  if (!IsScalar() || !text().ends_with('%')) {
    return Mismatch(d, what, kExpected);
  }
  std::string_view digits(text());
  digits.remove_suffix(1);
  std::optional<double> percent = ReadNumber(digits);
  if (!percent) return Mismatch(d, what, kExpected);
  if (std::signbit(*percent) || *percent > 100) {
    return Mismatch(d, what, "between 0% and 100%");
  }
  return *percent / 100;
}

std::optional<Duration> Node::AsDuration(Diagnostics& d,
                                         std::string_view what) const {
  if (!IsScalar()) return Mismatch(d, what, "a duration, such as 30 days");
  Result<Duration> duration = ParseDuration(text());
  if (duration) return *duration;
  d.Error(position(), std::string(what) + ": " + duration.error().message);
  return std::nullopt;
}

std::vector<Node> Node::AsOneOrMany(Diagnostics& d,
                                    std::string_view what) const {
  if (IsScalar()) return {*this};
  std::vector<Node> texts;
  if (!IsList()) {
    Mismatch(d, what, "a text or a list of texts");
    return texts;
  }
  std::vector<Node> items = Items();
  if (items.empty()) {
    d.Error(position(), std::string(what) + " must not be an empty list");
  }
  for (const Node& item : items) {
    if (item.IsScalar()) {
      texts.push_back(item);
    } else {
      item.Mismatch(d, what, "a list of texts");
    }
  }
  return texts;
}

std::vector<std::string> Node::AsStrings(Diagnostics& d,
                                         std::string_view what) const {
  std::vector<std::string> texts;
  for (const Node& node : AsOneOrMany(d, what)) texts.push_back(node.text());
  return texts;
}

void NoteKeys(const Node& map, Diagnostics& d,
              const std::vector<std::string>& keys) {
  if (d.keeps_keys() && map.IsMap()) d.AddKeys({map.position(), keys});
}

bool CheckKnown(const Node& node, Diagnostics& d, std::string_view what,
                const std::vector<std::string>& known) {
  if (!node.IsScalar()) {
    node.AsString(d, what);
    return false;
  }
  for (const std::string& word : known) {
    if (node.text() == word) return true;
  }
  d.Error(node.position(), "unknown " + std::string(what) + " " +
                               Quote(node.text()) +
                               Suggestion(node.text(), known));
  return false;
}

}  // namespace rekindle::yaml
