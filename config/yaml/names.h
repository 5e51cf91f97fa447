// Names given in the configuration (behaviors, labels, segments, ...): what
// they may look like, and that each is given once over all files.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "config/yaml/node.h"

namespace rekindle {

// Letters, digits, _ and -; at least one.
bool IsName(std::string_view text);

// "rules/wake.yaml:4:11", for messages that name a second place.
std::string PlaceText(const yaml::Position& at);

// The names of one kind. Not thread-safe.
class NameBook {
 public:
  // `what` is the kind in messages: "behavior".
  explicit NameBook(std::string what) : what_(std::move(what)) {}

  // Enters the name that `key` holds. One that is malformed, or given before,
  // is reported and not entered: false.
  bool Add(const yaml::Node& key, yaml::Diagnostics& d);

 private:
  std::string what_;
  std::map<std::string, yaml::Position> given_;
};

}  // namespace rekindle
