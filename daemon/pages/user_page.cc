#include "daemon/pages/user_page.h"

#include <nlohmann/json.hpp>
#include <set>

#include "daemon/user_view.h"

namespace rekindle {
namespace {

// Profile keys that hold addresses, besides those the channels name.
const std::set<std::string, std::less<>> kAddressKeys = {"email", "phone",
                                                         "push_token"};

bool HoldsAddress(const std::string& key, const Configuration& configuration) {
  if (kAddressKeys.contains(key)) return true;
  for (const ChannelFacts& channel : configuration.channel_facts) {
    if (channel.address_field == key) return true;
  }
  return false;
}

void Flatten(const Json& finding, int depth, Json& list) {
  Json one = finding;
  one.erase("parts");
  one["depth"] = std::to_string(depth);
  list.push_back(one);
  for (const Json& part : finding["parts"]) Flatten(part, depth + 1, list);
}

}  // namespace

std::string MaskAddress(const std::string& text) {
  size_t at = text.find('@');
  if (at != std::string::npos && at > 0) {
    return text.substr(0, 1) + "***" + text.substr(at);
  }
  if (text.size() < 8) return "****";
  return text.substr(0, 3) + "****" + text.substr(text.size() - 4);
}

namespace {

// A list holds several addresses.
void MaskAll(Json& value) {
  if (value.is_string()) value = MaskAddress(value.get<std::string>());
  if (!value.is_array()) return;
  for (Json& one : value) MaskAll(one);
}

}  // namespace

Result<Json> UserModel(Session& session, const std::string& user_id,
                       Instant as_of) {
  const auto settings = session.engine().settings();
  const Calendar& calendar = settings->calendar;
  if (user_id.empty()) {
    return Json{{"user_id", ""},
                {"found", false},
                {"as_of", calendar.FormatMinute(as_of)}};
  }
  auto model = DescribeUser(session, user_id, as_of, std::nullopt);
  if (!model) return tl::make_unexpected(model.error());
  auto configuration = session.configuration();
  for (auto& [key, value] : (*model)["profile"].items()) {
    if (HoldsAddress(key, *configuration)) MaskAll(value);
  }
  (*model)["found"] = true;
  (*model)["as_of"] = calendar.FormatMinute(as_of);
  return model;
}

void ShapeUserPage(Json& model) {
  if (!model.value("found", false)) return;
  model["profile_items"] = Json::array();
  for (const auto& [key, value] : model["profile"].items()) {
    model["profile_items"].push_back(
        {{"name", key},
         {"text",
          value.is_string() ? value.get<std::string>() : value.dump()}});
  }
  for (Json& rule : model["rules"]) {
    rule["findings"] = Json::array();
    Flatten(rule["condition"], 0, rule["findings"]);
  }
}

}  // namespace rekindle
