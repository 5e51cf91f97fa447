#include <algorithm>
#include <limits>

#include "config/base/words.h"
#include "config/yaml/node.h"

namespace rekindle::yaml {

Section::Section(const Node& node, Diagnostics& d, std::string what)
    : node_(node), d_(d), what_(std::move(what)), entries_(node.Entries()) {
  valid_ = node_.IsMap();
  if (valid_) return;
  d_.Error(node_.position(),
           what_ + " must be a map, not " + std::string(node_.KindName()));
}

std::optional<Node> Section::Take(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
    known_.emplace_back(key);
  }
  for (const auto& [name, value] : entries_) {
    if (name.text() == key && !value.IsNull()) return value;
  }
  return std::nullopt;
}

std::optional<Node> Section::Require(std::string_view key) {
  std::optional<Node> value = Take(key);
  if (!value && valid_) {
    d_.Error(node_.position(), what_ + " needs \"" + std::string(key) + "\"");
  }
  return value;
}

bool Section::Has(std::string_view key) const {
  for (const auto& [name, value] : entries_) {
    if (name.text() == key) return !value.IsNull();
  }
  return false;
}

std::string Section::GetString(std::string_view key, std::string otherwise) {
  std::optional<Node> value = Take(key);
  if (!value) return otherwise;
  return value->AsString(d_, key).value_or(otherwise);
}

int64_t Section::GetInteger(std::string_view key, int64_t otherwise,
                            int64_t least, int64_t most) {
  std::optional<Node> value = Take(key);
  if (!value) return otherwise;
  std::optional<int64_t> number = value->AsInteger(d_, key);
  if (!number) return otherwise;
  if (*number >= least && *number <= most) return *number;
  std::string range =
      most == std::numeric_limits<int64_t>::max()
          ? "at least " + std::to_string(least)
          : "between " + std::to_string(least) + " and " + std::to_string(most);
  d_.Error(value->position(), std::string(key) + " must be " + range +
                                  ", not " + std::to_string(*number));
  return otherwise;
}

bool Section::GetBool(std::string_view key, bool otherwise) {
  std::optional<Node> value = Take(key);
  return value ? value->AsBool(d_, key).value_or(otherwise) : otherwise;
}

Duration Section::GetDuration(std::string_view key, Duration otherwise) {
  std::optional<Node> value = Take(key);
  return value ? value->AsDuration(d_, key).value_or(otherwise) : otherwise;
}

void Section::Finish() {
  NoteKeys(node_, d_, known_);
  for (const auto& [name, value] : entries_) {
    if (std::find(known_.begin(), known_.end(), name.text()) != known_.end()) {
      continue;
    }
    d_.Error(name.position(), "unknown key \"" + name.text() + "\" in " +
                                  what_ + Suggestion(name.text(), known_));
  }
}

std::optional<Localized> AsLocalized(const Node& node, Diagnostics& d,
                                     std::string_view what) {
  if (node.IsScalar()) return Localized{node.text(), node.text()};
  if (!node.IsMap()) {
    d.Error(node.position(), std::string(what) +
                                 " must be a text or {zh: .., en: ..}, not " +
                                 std::string(node.KindName()));
    return std::nullopt;
  }
  Section section(node, d, std::string(what));
  std::optional<Node> zh = section.Take("zh");
  std::optional<Node> en = section.Take("en");
  section.Finish();
  if (!zh && !en) {
    d.Error(node.position(), std::string(what) + " needs \"zh\" or \"en\"");
    return std::nullopt;
  }
  std::optional<std::string> chinese = (zh ? zh : en)->AsString(d, what);
  std::optional<std::string> english = (en ? en : zh)->AsString(d, what);
  if (!chinese || !english) return std::nullopt;
  return Localized{*chinese, *english};
}

}  // namespace rekindle::yaml
