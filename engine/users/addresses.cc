#include "engine/users/addresses.h"

#include <nlohmann/json.hpp>

namespace rekindle {

std::vector<std::string> AddressesOf(const UserDirectory& users,
                                     UserNumber user, std::string_view key) {
  const std::string_view json = users.ProfileText(user, key);
  if (json.starts_with('[')) return AddressesIn(json);
  std::string one = ValueText(users.ProfileValue(user, key));
  if (one.empty()) return {};
  return {std::move(one)};
}

std::vector<std::string> AddressesIn(std::string_view json) {
  std::vector<std::string> addresses;
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  const auto add = [&](const nlohmann::json& value) {
    std::string text;
    if (value.is_string()) text = value.get<std::string>();
    if (value.is_number()) text = value.dump();
    if (!text.empty()) addresses.push_back(std::move(text));
  };
  if (!parsed.is_array()) {
    add(parsed);
    return addresses;
  }
  for (const nlohmann::json& value : parsed) add(value);
  return addresses;
}

}  // namespace rekindle
