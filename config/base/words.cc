#include "config/base/words.h"

#include <algorithm>

#include "config/base/utf8.h"

namespace rekindle {
namespace {

// As many candidates as a message can list.
constexpr size_t kFew = 12;

constexpr std::string_view kBlanks = " \t\r\n\v\f";

// Characters with ASCII letters folded: a wrong case is the likeliest slip.
std::u32string Folded(std::string_view text) {
  std::u32string folded;
  while (!text.empty()) {
    char32_t c = TakeCharacter(&text);
    folded += c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
  }
  return folded;
}

// Insertions, deletions, replacements and swaps of neighbours (optimal string
// alignment), over three rows.
size_t EditDistance(const std::u32string& a, const std::u32string& b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1),
      row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string ClosestWord(std::string_view word,
                        const std::vector<std::string>& candidates) {
  std::u32string folded = Folded(word);
  size_t limit = std::clamp<size_t>(folded.size() / 3, 1, 3);
  limit = std::min(limit, folded.size() - std::min<size_t>(1, folded.size()));
  const std::string* closest = nullptr;
  size_t least = limit + 1;
  for (const std::string& candidate : candidates) {
    size_t distance = EditDistance(folded, Folded(candidate));
    if (distance >= least) continue;
    least = distance;
    closest = &candidate;
  }
  if (closest != nullptr) return *closest;
  const auto begun = std::find_if(
      candidates.begin(), candidates.end(), [&](const std::string& candidate) {
        return !folded.empty() && Folded(candidate).starts_with(folded + U'_');
      });
  return begun == candidates.end() ? "" : *begun;
}

std::string Suggestion(std::string_view word,
                       const std::vector<std::string>& candidates) {
  std::string close = ClosestWord(word, candidates);
  if (!close.empty()) return "; did you mean \"" + close + "\"?";
  if (candidates.empty() || candidates.size() > kFew) return "";
  return "; expected " + OneOf(candidates);
}

std::string OneOf(const std::vector<std::string>& words) {
  if (words.size() < 2) return Join(words, "");
  std::vector<std::string> first(words.begin(), words.end() - 1);
  return Join(first, ", ") + " or " + words.back();
}

std::string_view Trim(std::string_view text) {
  size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  for (size_t at = 0;;) {
    size_t end = text.find(separator, at);
    parts.emplace_back(text.substr(at, end - at));
    if (end == std::string_view::npos) return parts;
    at = end + 1;
  }
}

std::string Join(const std::vector<std::string>& words,
                 std::string_view separator) {
  std::string joined;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) joined += separator;
    joined += words[i];
  }
  return joined;
}

}  // namespace rekindle
