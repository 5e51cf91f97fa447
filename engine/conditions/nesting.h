// What all, any and not share: parts, and how many of them hold.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/conditions/parser.h"

namespace rekindle {

class Nesting : public Condition {
 public:
  Nesting(std::string key, Phrase wanted, std::vector<ConditionPtr> parts)
      : key_(std::move(key)),
        wanted_(std::move(wanted)),
        parts_(std::move(parts)) {}

  UserSet Select(const Facts& facts) const final;
  bool ReadsEvents() const final;
  Finding Explain(const Facts& facts, UserNumber user) const final;
  void Collect(ConditionUses* uses) const final;

 protected:
  const std::vector<ConditionPtr>& parts() const { return parts_; }
  // Whether it holds where `holding` of its parts do.
  virtual bool HoldsWith(size_t holding) const = 0;

 private:
  std::string key_;
  Phrase wanted_;
  std::vector<ConditionPtr> parts_;
};

// A list of maps of conditions. Problems are reported; parts may be nullptr
// then.
std::vector<ConditionPtr> ParseParts(const yaml::Node& value,
                                     const ConditionScope& scope,
                                     std::string_view key);

}  // namespace rekindle
