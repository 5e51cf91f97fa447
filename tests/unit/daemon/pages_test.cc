// Tests daemon/pages: the words and the way models are written out.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "daemon/pages/render.h"
#include "daemon/pages/user_page.h"
#include "engine/model/state.h"
#include "rules/decision/decision.h"

namespace rekindle {
namespace {

TEST(Texts, EveryCodeHasWords) {
  Texts texts;
  std::vector<std::string> keys;
  for (State s : kAllStates) {
    keys.push_back("state." + std::string(StateName(s)));
  }
  for (int r = 1; r <= static_cast<int>(kLastReason); ++r) {
    keys.push_back("reason." + std::string(ReasonCode(static_cast<Reason>(r))));
  }
  for (int s = 0; s <= static_cast<int>(TouchState::kHeldOut); ++s) {
    keys.push_back("touch_state." +
                   std::string(TouchStateName(static_cast<TouchState>(s))));
  }
  for (const char* key : {"standing.sending",
                          "standing.paused",
                          "standing.draining",
                          "standing.stopped",
                          "standing.day_full",
                          "standing.outside_hours",
                          "standing.disk_failing",
                          "notice.stopped",
                          "notice.paused",
                          "notice.draining",
                          "notice.delivers_less",
                          "notice.works_again",
                          "action.pause",
                          "action.resume",
                          "action.drain",
                          "action.settle",
                          "decision.waits",
                          "reason.disabled",
                          "key.breadth",
                          "key.drop",
                          "key.touched",
                          "key.not_touched",
                          "status.400",
                          "status.404",
                          "status.405",
                          "status.409",
                          "status.413",
                          "status.414",
                          "status.416",
                          "status.500"}) {
    keys.push_back(key);
  }
  for (const std::string& key : keys) {
    for (const char* language : {"zh", "en"}) {
      EXPECT_TRUE(texts.Find(key, language)) << key << " in " << language;
    }
  }
}

TEST(Renderer, WritesNumbersForPeopleAndEscapes) {
  Json model = {{"total", 1234567},
                {"page", 1},
                {"pages", 1},
                {"rule_id", "<b>"},
                {"touch_state", "held_out"},
                {"touches", Json::array()}};
  std::string page = Renderer().Page("touches", model, "en", "/touches");
  EXPECT_NE(page.find("1,234,567"), std::string::npos);
  EXPECT_NE(page.find("&lt;b&gt;"), std::string::npos);
  EXPECT_EQ(page.find("<b>"), std::string::npos);
  EXPECT_NE(page.find("held out"), std::string::npos);
  EXPECT_NE(page.find("lang=\"en\""), std::string::npos);
}

TEST(Renderer, LinksLeadToWhateverTheIdIs) {
  const Json touch = {{"rule_id", "old/camp?"},
                      {"user_id", "a&b+c"},
                      {"touch_state", "failed"}};
  const Json model = {{"rule_id", "x y"}, {"touch_state", "failed"},
                      {"page", 2},        {"pages", 3},
                      {"previous", "1"},  {"touches", Json::array({touch})}};
  const std::string page = Renderer().Page("touches", model, "en", "/touches");
  for (const char* link :
       {"\"/users?id=a%26b%2Bc\"", "\"/rules/old%2Fcamp%3F\"",
        "\"/touches?rule=x%20y&amp;state=failed&amp;page=1\""}) {
    EXPECT_NE(page.find(link), std::string::npos) << link << " in " << page;
  }
}

TEST(Renderer, TheLanguageLinkKeepsTheQuery) {
  const Json model = {{"user_id", "a&b"}, {"found", false}};
  const std::string page =
      Renderer().Page("user", model, "en", "/users?id=a%26b");
  EXPECT_NE(page.find("/language/zh?back=%2Fusers%3Fid%3Da%2526b\""),
            std::string::npos)
      << page;
}

TEST(Renderer, TellsOfAFillingOnlyWhereThereIsOne) {
  Json model = {{"filling", nullptr}, {"rules", Json::array()}};
  EXPECT_EQ(Renderer().Page("rules", model, "en", "/rules").find("alarm"),
            std::string::npos);
  model["filling"] = {{"behaviors", "trip"}, {"done_rate", 0.5}};
  const std::string page = Renderer().Page("rules", model, "en", "/rules");
  EXPECT_NE(page.find("<p class=\"alarm\">trip "), std::string::npos) << page;
}

TEST(Renderer, ARuleBeforeItsFirstSlot) {
  const Json rule = {{"rule_id", "wake"},   {"name", "wake"},
                     {"enabled", true},     {"schedule", "daily 10:00"},
                     {"aim", ""},           {"review", nullptr},
                     {"last_slot", nullptr}};
  const Json model = {{"filling", nullptr}, {"rules", Json::array({rule})}};
  const std::string page = Renderer().Page("rules", model, "en", "/rules");
  EXPECT_NE(page.find("No slot worked yet."), std::string::npos);
  EXPECT_EQ(page.find("Last slot"), std::string::npos) << page;
  EXPECT_EQ(page.find("class=\"tag"), std::string::npos) << page;
  EXPECT_EQ(Renderer().Page("rule", rule, "en", "/rules/wake").find("Aim"),
            std::string::npos);
}

TEST(Renderer, TheHealthPageTellsHowChannelsStand) {
  const Json held = {{"channel", "sms"},
                     {"type", "http"},
                     {"standing", "paused"},
                     {"why", "li, 2026-03-05 09:00"},
                     {"until", nullptr}};
  const Json model = {{"filling", nullptr}, {"channels", Json::array({held})}};
  const std::string page = Renderer().Page("health", model, "en", "/health");
  EXPECT_NE(page.find("paused by an operator</span> li, 2026"),
            std::string::npos)
      << page;
}

TEST(Renderer, AUsersLabelsAndTouchesAreNamed) {
  const Json label = {{"label", "car_control"},
                      {"name", {{"zh", "控车偏好"}, {"en", "Remote control"}}},
                      {"days", 4},
                      {"active_days", 8},
                      {"share", 0.5},
                      {"labeled", true}};
  const Json touch = {{"rule_id", "wake"}, {"goal_at", nullptr}};
  const Json model = {{"user_id", "u1"},
                      {"found", true},
                      {"labels", Json::array({label})},
                      {"touches", Json::array({touch})}};
  const std::string page = Renderer().Page("user", model, "zh", "/users?id=u1");
  EXPECT_NE(page.find("<th>控车偏好 ✓</th>"), std::string::npos) << page;
  EXPECT_NE(page.find("<th>渠道</th>"), std::string::npos) << page;
}

TEST(Renderer, LabelsOfFormerDaysAreNamed) {
  const Json label = {{"label", "shop"},
                      {"name", {{"zh", "商城偏好"}, {"en", "Shop"}}}};
  const Json none = {{"state", "new"}, {"substate", ""}, {"labels", ""}};
  const Json both = {
      {"state", "active"}, {"substate", ""}, {"labels", "gone;shop"}};
  Json model = {
      {"user_id", "u1"},
      {"found", true},
      {"profile", Json::object()},
      {"labels", Json::array({label})},
      {"history",
       Json::array(
           {{{"at", "2026-03-05 09:00"}, {"from", none}, {"to", both}}})},
      {"rules", Json::array()}};
  ShapeUserPage(model);
  const std::string zh = Renderer().Page("user", model, "zh", "/users?id=u1");
  const std::string en = Renderer().Page("user", model, "en", "/users?id=u1");
  EXPECT_NE(zh.find("<small>gone、商城偏好</small>"), std::string::npos) << zh;
  EXPECT_NE(en.find("<small>gone, Shop</small>"), std::string::npos) << en;
}

TEST(Renderer, TakesNothingElseForTwoLanguages) {
  for (const char* brought :
       {R"({"zh": "x", "foo": "y"})", R"({"zh": 5, "en": 6})",
        R"({"zh": null, "en": "x"})", R"({"zh": {"zh": "x"}, "en": []})"}) {
    const Json model = {{"user_id", "u1"},
                        {"found", true},
                        {"profile", {{"trait", Json::parse(brought)}}}};
    for (const char* language : {"zh", "en"}) {
      const std::string page =
          Renderer().Page("user", model, language, "/users?id=u1");
      EXPECT_NE(page.find("u1</"), std::string::npos) << brought;
    }
  }
}

TEST(Renderer, PagesHaveTitles) {
  const Renderer renderer;
  const auto title = [&](const char* page, const Json& model) {
    const std::string html = renderer.Page(page, model, "en", "/");
    const size_t from = html.find("<title>") + 7;
    return html.substr(from, html.find("</title>") - from);
  };
  EXPECT_EQ(title("channels", {{"channels", Json::array()}}),
            "Channels · Rekindle");
  EXPECT_EQ(title("rule", {{"rule_id", "wake"}, {"review", nullptr}}),
            "wake · Rule · Rekindle");
  EXPECT_EQ(title("user", {{"user_id", ""}, {"found", false}}),
            "User · Rekindle");
  EXPECT_EQ(title("user", {{"user_id", "<b>"}, {"found", false}}),
            "&lt;b&gt; · User · Rekindle");
  EXPECT_EQ(title("error", {{"status", "404"}, {"problem", ""}}),
            "404 · Rekindle");
}

TEST(Renderer, TheStatesToChooseHaveWords) {
  const Json model = {
      {"rule_id", ""},
      {"touch_state", "opened"},
      {"touches", Json::array()},
      {"choices",
       Json::array({{{"touch_state", "planned"}, {"chosen", false}},
                    {{"touch_state", "opened"}, {"chosen", true}}})}};
  const std::string page = Renderer().Page("touches", model, "zh", "/touches");
  EXPECT_NE(page.find("<option value=\"planned\">待发送</option>"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("<option value=\"opened\" selected>已打开</option>"),
            std::string::npos)
      << page;
}

TEST(Renderer, SubstatesAreNamedByThemselvesButTheRest) {
  Json model = {{"user_id", "u1"},
                {"found", true},
                {"known", true},
                {"state", "churned"},
                {"substate", "other"}};
  const auto page = [&] { return Renderer().Page("user", model, "zh", "/"); };
  EXPECT_NE(page().find("流失用户 / 其他"), std::string::npos) << page();
  model["substate"] = "driving";
  EXPECT_NE(page().find("流失用户 / driving"), std::string::npos) << page();
}

TEST(Renderer, ARuleThatIsGoneFromTheFiles) {
  const Json model = {{"rule_id", "old"}, {"name", "old"}, {"review", nullptr}};
  const std::string page = Renderer().Page("rule", model, "en", "/rules/old");
  EXPECT_NE(page.find("The files have no such rule"), std::string::npos);
  EXPECT_EQ(page.find("Schedule"), std::string::npos) << page;
}

TEST(UserPage, MasksAddresses) {
  const std::pair<const char*, const char*> rows[] = {
      {"alice@example.com", "a***@example.com"},
      {"13800138000", "138****8000"},
      {"abc", "****"},
  };
  for (const auto& [text, masked] : rows) {
    EXPECT_EQ(MaskAddress(text), masked) << text;
  }
}

}  // namespace
}  // namespace rekindle
