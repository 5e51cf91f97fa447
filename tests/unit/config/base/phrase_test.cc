#include "config/base/phrase.h"

#include <gtest/gtest.h>

#include <map>

namespace rekindle {
namespace {

std::optional<std::string> Chinese(const std::string& name) {
  static const std::map<std::string, std::string> kWords = {
      {"{} of {} hold", "{1} 项中 {0} 项满足"},
      {"{} needs {}", "{} 需要 {}"},
      {"{}, {}", "{}、{}"},
      {"no ramp", "没有灰度"},
      {"state.dormant", "休眠用户"}};
  const auto found = kWords.find(name);
  if (found == kWords.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> ToldBoth(const Phrase& phrase) {
  return {phrase.English(), phrase.In(Chinese)};
}

using Both = std::vector<std::string>;

TEST(Phrase, IsAPatternWithItsValues) {
  const std::string id = "mail";
  EXPECT_EQ(ToldBoth(Phrase("no ramp")), (Both{"no ramp", "没有灰度"}));
  EXPECT_EQ(ToldBoth(Phrase("{} needs {}", id, 5)),
            (Both{"mail needs 5", "mail 需要 5"}));
  EXPECT_EQ(ToldBoth(Phrase("{} of {} hold", 1, size_t{2})),
            (Both{"1 of 2 hold", "2 项中 1 项满足"}));
  EXPECT_EQ(ToldBoth(Phrase("{} needs {}", Phrase("{}, {}", id, id),
                            Phrase("no ramp"))),
            (Both{"mail, mail needs no ramp", "mail、mail 需要 没有灰度"}));
  EXPECT_EQ(ToldBoth(Phrase("waits for {}", id)),
            (Both{"waits for mail", "waits for mail"}))
      << "without words, English is told";
}

TEST(Phrase, WordsAreTheSameInEveryLanguage) {
  for (const std::string words : {"no ramp", "{}", "{7} {", ""}) {
    EXPECT_EQ(ToldBoth(words), (Both{words, words}));
    EXPECT_EQ(Phrase("{} needs {}", words, words).English(),
              words + " needs " + words);
  }
  EXPECT_TRUE(Phrase(std::string()).empty());
  EXPECT_TRUE(Phrase().empty());
  EXPECT_EQ(Phrase().English(), "");
  EXPECT_FALSE(Phrase("no ramp").empty());
}

TEST(Phrase, CodesAreTranslatedAsPagesTranslateThem) {
  EXPECT_EQ(ToldBoth(Phrase::Code("state", "dormant")),
            (Both{"dormant", "休眠用户"}));
  EXPECT_EQ(ToldBoth(Phrase::Code("state", "odd")), (Both{"odd", "odd"}));
}

TEST(Phrase, ListsAreJoined) {
  const std::vector<std::string> texts = {"a", "", "c"};
  EXPECT_EQ(ToldBoth(Joined("{}, {}", texts)), (Both{"a, , c", "a、、c"}));
  EXPECT_EQ(
      Joined("{}, {}", std::vector<Phrase>{Phrase("no ramp")}).In(Chinese),
      "没有灰度");
  EXPECT_TRUE(Joined("{}, {}", std::vector<std::string>()).empty());
  EXPECT_EQ(JoinedByOr(std::vector<std::string>{"a", "b", "c"}).English(),
            "a, b or c");
  EXPECT_EQ(JoinedByOr(std::vector<std::string>{"a"}).English(), "a");
  EXPECT_TRUE(JoinedByOr(std::vector<std::string>()).empty());
}

}  // namespace
}  // namespace rekindle
