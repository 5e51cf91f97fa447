#include "daemon/pages/render.h"

#include <fmt/format.h>

#include <array>
#include <kainjow/mustache.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "config/templates/escape.h"
#include "daemon/pages/chart.h"
#include "daemon/texts/assets.h"

namespace rekindle {
namespace {

namespace mustache = kainjow::mustache;

// Keys whose values are codes with words in texts.yaml under "<key>.<code>".
const std::set<std::string, std::less<>> kCodes = {
    "state",    "touch_state", "slot_state", "reason",      "verdict", "arm",
    "decision", "stage",       "aim",        "period_unit", "key",     "check",
    "standing", "action",      "status",     "substate"};

// Keys that pages make links of: users' and rules' ids may be any text.
const std::set<std::string, std::less<>> kInLinks = {"rule_id", "user_id"};

bool EndsWith(std::string_view text, std::string_view end) {
  return text.ends_with(end);
}

bool IsShare(std::string_view key) {
  return EndsWith(key, "_rate") || EndsWith(key, "share") ||
         EndsWith(key, "_retention");
}

std::string Thousands(int64_t number) {
  std::string digits = std::to_string(number < 0 ? -number : number);
  for (int i = static_cast<int>(digits.size()) - 3; i > 0; i -= 3) {
    digits.insert(static_cast<size_t>(i), ",");
  }
  return (number < 0 ? "-" : "") + digits;
}

std::string NumberText(std::string_view key, const Json& value) {
  double number = value.get<double>();
  if (IsShare(key)) return fmt::format("{:.1f} %", number * 100);
  if (key == "p_value") {
    return number < 0.0001 ? "< 0.0001" : fmt::format("{:.4f}", number);
  }
  if (value.is_number_integer() || value.is_number_unsigned()) {
    return Thousands(value.get<int64_t>());
  }
  return fmt::format("{:.1f}", number);
}

// Where a share stands on a bar, in percent.
std::string BarWidth(const Json& value) {
  double percent = value.get<double>() * 100;
  return fmt::format("{:.2f}", std::clamp(percent, 0.0, 100.0));
}

// Not whatever has a key named zh: what users bring is shown, too.
bool IsInTwoLanguages(const Json& value) {
  return value.is_object() && value.size() == 2 && value.contains("zh") &&
         value.contains("en") && value["zh"].is_string() &&
         value["en"].is_string();
}

class Viewer {
 public:
  Viewer(const Texts& texts, const std::string& language)
      : texts_(texts), language_(language) {}

  mustache::data Object(const Json& json) const {
    mustache::data data{mustache::data::type::object};
    for (const auto& [key, value] : json.items()) Put(data, key, value);
    return data;
  }

 private:
  void Put(mustache::data& data, const std::string& key,
           const Json& value) const {
    if (IsInTwoLanguages(value)) {
      data.set(key, value[language_].get<std::string>());
    } else if (value.is_object()) {
      data.set(key, Object(value));
    } else if (value.is_array()) {
      PutList(data, key, value);
    } else if (value.is_boolean()) {
      data.set(key, value.get<bool>());
    } else if (value.is_number()) {
      data.set(key, NumberText(key, value));
      if (IsShare(key)) data.set(key + "_width", BarWidth(value));
    } else if (value.is_null()) {
      data.set(key, "–");
      data.set("no_" + key, true);
    } else {
      PutText(data, key, value.get<std::string>());
    }
  }

  void PutText(mustache::data& data, const std::string& key,
               const std::string& text) const {
    data.set(key, text);
    data.set("has_" + key, !text.empty());
    if (kInLinks.contains(key)) data.set(key + "_url", EscapeUrl(text));
    if (!kCodes.contains(key)) return;
    data.set(key + "_text",
             texts_.Find(key + "." + text, language_).value_or(text));
  }

  void PutList(mustache::data& data, const std::string& key,
               const Json& list) const {
    data.set("has_" + key, !list.empty());
    mustache::data items{mustache::data::type::list};
    for (const Json& item : list) {
      if (item.is_object()) {
        items << Object(item);
      } else {
        mustache::data one{mustache::data::type::object};
        Put(one, "item", item);
        items << one;
      }
    }
    data.set(key, items);
  }

  const Texts& texts_;
  const std::string& language_;
};

mustache::data Words(const Texts& texts, const std::string& language) {
  mustache::data words{mustache::data::type::object};
  for (const auto& [key, text] : texts.all()) {
    if (key.find('.') == std::string::npos) words.set(key, text.at(language));
  }
  return words;
}

// What tabs and the browser's history show.
std::string TitleOf(std::string_view page, const Json& model,
                    const Texts& texts, const std::string& language) {
  static const std::map<std::string_view, const char*> kOfOne = {
      {"rule", "rule_id"}, {"user", "user_id"}, {"error", "status"}};
  std::string title = texts.Find(page, language).value_or("");
  const auto of_one = kOfOne.find(page);
  if (of_one == kOfOne.end()) return title;
  const std::string one = model.value(of_one->second, "");
  if (one.empty() || title.empty()) return one + title;
  return one + " · " + title;
}

// The overview's chart stands beside the data it shows.
std::string ChartFor(std::string_view page, const Json& model,
                     const Texts& texts, const std::string& language) {
  if (page != "overview" || model["flows"].empty()) return "";
  return FlowChart(model, [&](const std::string& key) {
    return texts.Find(key, language).value_or(key);
  });
}

}  // namespace

Renderer::Renderer() {
  // An asset or a template that is missing or broken must fail at start.
  for (const char* page : {"layout", "overview", "rules", "rule", "touches",
                           "user", "channels", "health", "error"}) {
    mustache::mustache check{std::string(Asset(std::string(page) + ".html"))};
    if (!check.is_valid()) throw std::runtime_error(check.error_message());
  }
}

std::string Renderer::Page(std::string_view page, const Json& model,
                           const std::string& language,
                           const std::string& target) const {
  mustache::data data = Viewer(texts_, language).Object(model);
  data.set("t", Words(texts_, language));
  data.set("title", TitleOf(page, model, texts_, language));
  data.set("chart", ChartFor(page, model, texts_, language));
  data.set("language", language == "zh" ? "zh-CN" : "en");
  data.set("other_language", language == "zh" ? "en" : "zh");
  data.set("back", EscapeUrl(target));
  data.set("on_" + std::string(page), true);
  mustache::mustache body{std::string(Asset(std::string(page) + ".html"))};
  data.set("body", body.render(data));
  mustache::mustache layout{std::string(Asset("layout.html"))};
  return layout.render(data);
}

}  // namespace rekindle
