#include "channels/adapter/answer_text.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

TEST(AnswerTextTest, Cleans) {
  const struct {
    std::string answer, expected;
  } kRows[] = {
      {"", ""},
      {"unknown template", "unknown template"},
      {" a \r\n\tb\x01 c ", "a b c"},
      {"<kim@app.example>: Recipient address rejected",
       "*** Recipient address rejected"},
      {"number +86-138-0013-8000 is blocked", "number *** is blocked"},
      {"limit of 100000 reached", "limit of 100000 reached"},
      {"模板不存在", "模板不存在"},
      {"bad \xff byte", "bad ? byte"},
      {"token s3cret, again S3CRET", "token ***, again ***"},
  };
  for (const auto& row : kRows) {
    EXPECT_EQ(AnswerText(row.answer, {"s3cret", ""}), row.expected)
        << row.answer;
  }
}

TEST(AnswerTextTest, IsCutBetweenCharacters) {
  std::string long_text;
  for (int i = 0; i < 100; ++i) long_text += "客";
  const std::string cut = AnswerText(long_text, {});
  EXPECT_EQ(cut.size(), 198 + 3);
  EXPECT_EQ(cut.substr(195), "客...");
}

TEST(AnswerTextTest, HidesWhatIsInsideAWord) {
  EXPECT_EQ(AnswerText("auth=PASSWORD;retry", {"password"}), "auth=***;retry");
}

}  // namespace
}  // namespace rekindle
