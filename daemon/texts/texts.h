// The pages' words in Chinese and English, from texts.yaml (built in).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

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

 private:
  std::map<std::string, std::map<std::string, std::string>> texts_;
};

}  // namespace rekindle
