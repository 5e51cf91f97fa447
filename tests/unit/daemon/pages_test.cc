// Tests daemon/pages: the words and the way models are written out.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "daemon/pages/render.h"
#include "daemon/pages/user_page.h"
#include "engine/lifecycle/state.h"
#include "rules/decision.h"

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
  for (const char* key :
       {"standing.sending", "standing.paused", "standing.draining",
        "standing.stopped", "standing.day_full", "standing.outside_hours",
        "standing.disk_failing", "notice.stopped", "notice.paused",
        "notice.draining", "notice.delivers_less", "notice.works_again",
        "action.pause", "action.resume", "action.drain", "action.settle"}) {
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

TEST(Renderer, TellsOfAFillingOnlyWhereThereIsOne) {
  Json model = {{"filling", nullptr}, {"rules", Json::array()}};
  EXPECT_EQ(Renderer().Page("rules", model, "en", "/rules").find("alarm"),
            std::string::npos);
  model["filling"] = {{"behaviors", "trip"}, {"done_rate", 0.5}};
  const std::string page = Renderer().Page("rules", model, "en", "/rules");
  EXPECT_NE(page.find("<p class=\"alarm\">trip "), std::string::npos) << page;
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
