// What may stand behind a variable: {{name | filter: argument}}.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/base/result.h"

namespace rekindle {

// Immutable after Make; thread-safe.
class TemplateFilter {
 public:
  // kConfiguration for an unknown name, a missing or needless argument, or one
  // of the wrong kind. The filters:
  //   default: "TEXT"  the text where there is no value
  //   number: N        a number with N decimals (0 to 9; none without N)
  //   date: "FORMAT"   a day, or an instant as its own offset shows it, with
  //                    %Y %y %m %d %H %M %S (%-m and so on: no leading zero)
  //                    and %%; without a format %Y-%m-%d
  //   upper, lower     letters of every script
  //   truncate: N      at most N characters, the last of them an ellipsis where
  //                    some are cut off
  static Result<TemplateFilter> Make(
      std::string_view name, const std::optional<std::string>& argument);

  // The filtered value. Nothing where the filter cannot read the value, or is
  // given none and is not `default`.
  std::optional<std::string> Apply(std::optional<std::string> value) const;

 private:
  enum class Kind { kDefault, kNumber, kDate, kUpper, kLower, kTruncate };

  Kind kind_ = Kind::kDefault;
  std::string text_;
  int count_ = 0;
};

}  // namespace rekindle
