#include "tests/fuzz/fuzz.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace rekindle::fuzz {

void Require(bool holds, std::string_view claim) {
  if (holds) return;
  fmt::print(stderr, "does not hold: {}\n", claim);
  std::abort();
}

void RequirePlaces(const yaml::Diagnostics& d) {
  for (const yaml::Diagnostic& one : d.all()) {
    Require(!one.message.empty(), "a diagnostic says what is wrong");
    Require(one.at.file != nullptr, "a diagnostic names its file");
    if (one.message == "the file is empty") continue;
    const std::string& text = one.at.file->text;
    const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
    // A message about a secret hides its source.
    const bool in_file = text.empty() || one.at.line <= lines;
    if (one.at.line >= 1 && one.at.column >= 1 && in_file) continue;
    Require(false, fmt::format("a place: {}:{}:{}: {}", one.at.file->name,
                               one.at.line, one.at.column, one.message));
  }
  Require(d.all().empty() || !d.Render().empty(), "diagnostics can be shown");
}

}  // namespace rekindle::fuzz
