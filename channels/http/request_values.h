// What the variables of a request stand for, for one touch at one time.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "channels/adapter/adapter.h"
#include "channels/http/request_settings.h"

namespace rekindle {

// `settings` and `touch` must outlive the values.
class RequestValues {
 public:
  RequestValues(const RequestSettings& settings, const ClaimedTouch& touch,
                Instant now);

  // For TemplateText::Render. `signature` and `body` are there once set.
  std::optional<std::string> Find(std::string_view name) const;
  void Set(const std::string& name, std::string value) {
    values_[name] = std::move(value);
  }
  VariableLookup lookup() const {
    return [this](std::string_view name) { return Find(name); };
  }

 private:
  const RequestSettings& settings_;
  const ClaimedTouch& touch_;
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace rekindle
