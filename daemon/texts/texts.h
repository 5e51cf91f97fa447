// The pages' words in Chinese and English, from texts.yaml (built in).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "config/base/phrase.h"

namespace rekindle {

// Immutable; thread-safe.
class Texts {
 public:
  Texts();
  // Nothing where the key is not in the file.
  std::optional<std::string> Find(std::string_view key,
                                  std::string_view language) const;
  const std::map<std::string, std::map<std::string, std::string>>& all() const {
    return texts_;
  }
  // What has no Chinese words is told in English.
  std::string Tell(const Phrase& phrase, std::string_view language) const;
  // Chinese by English pattern.
  const std::map<std::string, std::string>& phrases() const { return phrases_; }

 private:
  std::map<std::string, std::map<std::string, std::string>> texts_;
  std::map<std::string, std::string> phrases_;
};

}  // namespace rekindle
