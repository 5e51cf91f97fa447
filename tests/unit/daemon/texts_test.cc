// Tests daemon/texts: what the sources tell as phrases has its Chinese.
#include "daemon/texts/texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

namespace rekindle {
namespace {

using ::testing::IsSupersetOf;

// A literal may go on over several lines.
std::string WithoutQuotes(const std::string& literals) {
  std::string text;
  bool inside = false;
  for (char c : literals) {
    if (c == '"') {
      inside = !inside;
    } else if (inside) {
      text += c;
    }
  }
  return text;
}

std::set<std::string> PatternsIn(const std::string& source) {
  static const std::regex kPattern(
      R"re((?:Phrase|Joined)\s*\w*[({]\s*((?:"[^"]*"\s*)+))re");
  std::set<std::string> patterns;
  for (std::sregex_iterator found(source.begin(), source.end(), kPattern), end;
       found != end; ++found) {
    patterns.insert(WithoutQuotes((*found)[1]));
  }
  return patterns;
}

std::set<std::string> PatternsOfSources() {
  std::set<std::string> patterns;
  const std::filesystem::path root = REKINDLE_SOURCE_DIR;
  for (const char* top : {"config", "engine", "rules", "channels", "daemon"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(root / top)) {
      const auto kind = entry.path().extension();
      if (kind != ".cc" && kind != ".h") continue;
      std::stringstream source;
      source << std::ifstream(entry.path()).rdbuf();
      if (source.str().find("Phrase") == std::string::npos) continue;
      patterns.merge(PatternsIn(source.str()));
    }
  }
  return patterns;
}

// Which of the values the text has, ascending.
std::vector<int> PlacesOf(const std::string& text) {
  static const std::regex kPlace(R"re(\{(\d?)\})re");
  std::vector<int> places;
  for (std::sregex_iterator found(text.begin(), text.end(), kPlace), end;
       found != end; ++found) {
    const std::string index = (*found)[1];
    places.push_back(index.empty() ? static_cast<int>(places.size())
                                   : index[0] - '0');
  }
  std::sort(places.begin(), places.end());
  return places;
}

TEST(Texts, PatternsAreFoundInSources) {
  EXPECT_EQ(PatternsIn("x = one ? Phrase(\"{} day\", n)\n"
                       ": Phrase(\n    \"{} \"\n    \"days\", n);\n"
                       "Phrase y(\"a\"); return Phrase{\"b\"};\n"
                       "Joined( \"{}, {}\", PhraseOf(n)); Phrase z(text);"),
            (std::set<std::string>{"{} day", "{} days", "a", "b", "{}, {}"}));
}

TEST(Texts, EveryPatternHasItsChinese) {
  const Texts texts;
  const std::set<std::string> patterns = PatternsOfSources();
  EXPECT_THAT(patterns, IsSupersetOf({"{} needs {}", "{} or {}", "no ramp"}));
  for (const std::string& pattern : patterns) {
    EXPECT_TRUE(texts.phrases().contains(pattern)) << pattern;
  }
  for (const auto& [pattern, chinese] : texts.phrases()) {
    EXPECT_TRUE(patterns.contains(pattern)) << "nobody says " << pattern;
  }
}

TEST(Texts, TheChineseHasEveryValueOnce) {
  const Texts texts;
  for (const auto& [pattern, chinese] : texts.phrases()) {
    EXPECT_EQ(PlacesOf(chinese), PlacesOf(pattern)) << pattern;
    EXPECT_EQ(std::count(chinese.begin(), chinese.end(), '{'),
              static_cast<int64_t>(PlacesOf(chinese).size()))
        << chinese;
  }
}

TEST(Texts, TellsPhrases) {
  const Texts texts;
  const std::string mail = "mail";
  const Phrase phrase = Phrase("{} needs {}", mail, mail);
  EXPECT_EQ(texts.Tell(phrase, "en"), "mail needs mail");
  EXPECT_EQ(texts.Tell(phrase, "zh"), "渠道 mail 需要用户的 mail");
  EXPECT_EQ(texts.Tell(Phrase("{} of {} hold", 1, 2), "zh"), "2 项中 1 项满足");
  EXPECT_EQ(texts.Tell(Phrase::Code("state", "dormant"), "zh"), "休眠用户");
  EXPECT_EQ(texts.Tell(Phrase::Code("state", "dormant"), "en"), "dormant");
  EXPECT_EQ(texts.Tell(Phrase::Code("substate", "driving"), "zh"), "driving");
  EXPECT_EQ(texts.Tell(Phrase("never said before"), "zh"), "never said before");
}

}  // namespace
}  // namespace rekindle
