// Secrets: never written in a settings file, never printed.
#pragma once

#include <string>

#include "config/yaml/node.h"

namespace rekindle {

// A value that must not leak: it has no operator<<, and its text is reached
// only by the name Reveal, which is easy to find in a review.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  const std::string& Reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

// `{env: NAME}`, `{file: PATH}` (relative to the settings file) or
// `{credential: NAME}` (a file in $CREDENTIALS_DIRECTORY). A value written in
// place, an unset variable, an unreadable or empty file are errors; a trailing
// newline of a file is dropped.
std::optional<Secret> ParseSecret(const yaml::Node& node, yaml::Diagnostics& d,
                                  std::string_view what);

}  // namespace rekindle
