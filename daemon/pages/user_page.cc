#include "daemon/pages/user_page.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "config/base/json_text.h"
#include "config/base/words.h"
#include "daemon/session/user_view_json.h"

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

// Shorter ones are no addresses, and would be found in any text.
constexpr size_t kShortestAddress = 5;

// Masks addresses, and keeps them to look for where else they stand.
class Masker {
 public:
  explicit Masker(const Configuration& configuration)
      : configuration_(configuration) {}

  // What stands under a key that holds addresses, at any depth. Gives whether
  // there was any.
  bool MaskByKey(Json& value) {
    bool any = false;
    if (value.is_array()) {
      for (Json& one : value) any = MaskByKey(one) || any;
    } else if (value.is_object()) {
      for (auto& [key, one] : value.items()) {
        any = (HoldsAddress(key, configuration_) ? MaskAll(one)
                                                 : MaskByKey(one)) ||
              any;
      }
    }
    return any;
  }

  // Wherever a text quotes one of them.
  void MaskQuoted(Json& value) const {
    if (value.is_structured()) {
      for (Json& one : value) MaskQuoted(one);
    } else if (value.is_string()) {
      value = WithoutAddresses(value.get<std::string>());
    }
  }

 private:
  // A list holds several addresses.
  bool MaskAll(Json& value) {
    bool any = false;
    if (value.is_structured()) {
      for (Json& one : value) any = MaskAll(one) || any;
    } else if (value.is_string() || value.is_number()) {
      const std::string text =
          value.is_string() ? value.get<std::string>() : value.dump();
      if (text.size() >= kShortestAddress) masked_.push_back(text);
      value = MaskAddress(text);
      any = true;
    }
    return any;
  }

  std::string WithoutAddresses(std::string text) const {
    for (const std::string& address : masked_) {
      const std::string shown = MaskAddress(address);
      for (size_t at = 0; (at = text.find(address, at)) != text.npos;) {
        text.replace(at, address.size(), shown);
        at += shown.size();
      }
    }
    return text;
  }

  const Configuration& configuration_;
  std::vector<std::string> masked_;
};

// Their properties are JSON as text.
void MaskEvents(Json& events, Masker& masker) {
  for (Json& event : events) {
    auto properties =
        Json::parse(event["properties"].get<std::string>(), nullptr,
                    /*allow_exceptions=*/false);
    if (masker.MaskByKey(properties)) {
      event["properties"] = JsonText(properties);
    }
  }
}

// Labels of a former day by their names of now; one that is no longer in the
// settings by its id.
Json NamesOfLabels(const std::string& ids, const Json& labels) {
  std::string zh, en;
  for (const std::string& id : Split(ids, ';')) {
    const auto known =
        std::find_if(labels.begin(), labels.end(),
                     [&](const Json& label) { return label["label"] == id; });
    const auto name = [&](const char* language) {
      return known == labels.end() ? id : (*known)["name"].value(language, id);
    };
    zh += (zh.empty() ? "" : "、") + name("zh");
    en += (en.empty() ? "" : ", ") + name("en");
  }
  return {{"zh", zh}, {"en", en}};
}

}  // namespace

Result<Json> UserModel(Session& session, const std::string& user_id,
                       Instant as_of, const PhraseTeller& tell) {
  const auto settings = session.engine().settings();
  const Calendar& calendar = settings->calendar;
  if (user_id.empty()) {
    return Json{{"user_id", ""},
                {"found", false},
                {"as_of", calendar.FormatMinute(as_of)}};
  }
  const auto view = DescribeUser(session, user_id, as_of, std::nullopt);
  if (!view) return tl::make_unexpected(view.error());
  Json model = UserViewJson(*view, tell);
  auto configuration = session.configuration();
  Masker masker(*configuration);
  masker.MaskByKey(model["profile"]);
  MaskEvents(model["events"], masker);
  masker.MaskQuoted(model["rules"]);
  model["found"] = true;
  model["as_of"] = calendar.FormatMinute(as_of);
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
  for (Json& change : model["history"]) {
    for (const char* side : {"from", "to"}) {
      Json& labels = change[side]["labels"];
      labels = NamesOfLabels(labels.get<std::string>(), model["labels"]);
    }
  }
  for (Json& rule : model["rules"]) {
    rule["findings"] = Json::array();
    Flatten(rule["condition"], 0, rule["findings"]);
  }
}

}  // namespace rekindle
