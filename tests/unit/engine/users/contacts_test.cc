#include "engine/users/contacts.h"

#include <gtest/gtest.h>

#include "engine/users/addresses.h"
#include "engine/users/profile_change.h"

namespace rekindle {
namespace {

std::string Shown(const Result<std::string>& result) {
  return result ? *result : "!" + result.error().message;
}

TEST(Contacts, EmailsAreCheckedAndTrimmed) {
  const std::string one_at = "it needs one @ with text on both sides";
  struct Row {
    std::string text, normal;
  };
  const Row rows[] = {
      {"Kim@App.example", "Kim@App.example"},
      {" a@b.example ", "a@b.example"},
      {"a+b.c_d@b-c.example", "a+b.c_d@b-c.example"},
      {"测试@b.example", "测试@b.example"},
      {"ab", "!email: \"ab\" is not an address; " + one_at},
      {"@b", "!email: \"@b\" is not an address; " + one_at},
      {"a@", "!email: \"a@\" is not an address; " + one_at},
      {"a@b@c", "!email: \"a@b@c\" is not an address; " + one_at},
      {"a @b", "!email: \"a @b\" is not an address; " + one_at},
      {"", "!email: \"\" is not an address; " + one_at},
      {"<a@b.example>",
       "!email: \"<a@b.example>\" is not an address; it holds a bracket, a "
       "quote or the like"},
      {"a@b..example",
       "!email: \"a@b..example\" is not an address; its domain has an empty "
       "part"},
      {"a@.b",
       "!email: \"a@.b\" is not an address; its domain has an empty "
       "part"},
      {std::string(65, 'x') + "@b.example",
       "!email: \"" + std::string(65, 'x') +
           "@b.example\" is not an address; it is too long"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Shown(NormalEmail(row.text)), row.normal) << row.text;
  }
}

TEST(Contacts, PhonesBecomeE164) {
  const Calendar shanghai = *Calendar::Load("Asia/Shanghai");
  struct Row {
    const char *text, *in_china, *elsewhere;
  };
  const Row rows[] = {
      {"+8613800138000", "+8613800138000", "+8613800138000"},
      {"0086 138-0013-8000", "+8613800138000", "+8613800138000"},
      {"+1 (415) 867.5309", "+14158675309", "+14158675309"},
      {"13800138000", "+8613800138000",
       "!phone: \"13800138000\" is not a phone number; write it with its "
       "country, as in +8613800138000"},
      {"12800138000",
       "!phone: \"12800138000\" is not a phone number; write it with its "
       "country, as in +8613800138000",
       "!phone: \"12800138000\" is not a phone number; write it with its "
       "country, as in +8613800138000"},
      {"+123456",
       "!phone: \"+123456\" is not a phone number; a plus and 7 to 15 digits "
       "are needed",
       "!phone: \"+123456\" is not a phone number; a plus and 7 to 15 digits "
       "are needed"},
      {"+0123456789",
       "!phone: \"+0123456789\" is not a phone number; a plus and 7 to 15 "
       "digits are needed",
       "!phone: \"+0123456789\" is not a phone number; a plus and 7 to 15 "
       "digits are needed"},
      {"call me",
       "!phone: \"call me\" is not a phone number; it may hold digits only, "
       "after a plus",
       "!phone: \"call me\" is not a phone number; it may hold digits only, "
       "after a plus"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Shown(NormalPhone(row.text, shanghai)), row.in_china) << row.text;
    EXPECT_EQ(Shown(NormalPhone(row.text, Calendar::Utc())), row.elsewhere)
        << row.text;
  }
}

TEST(Contacts, BadOnesAreLeftOutOfAProfileAndTheRestStands) {
  const auto change = ParseProfileChange(
      R"({"email":"nobody","phone":["+8613800138000","x","+14158675309"],
          "city":"上海","push_token":["a",7,""]})",
      Calendar::Utc());
  ASSERT_TRUE(change);
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(
      change->values,
      (std::vector<Pair>{{"phone", R"(["+8613800138000","+14158675309"])"},
                         {"city", R"("上海")"},
                         {"push_token", R"(["a",7,""])"}}));
  EXPECT_EQ(change->dropped.size(), 2u);
}

TEST(Contacts, NothingRemoves) {
  const auto change = ParseProfileChange(R"({"email":null})", Calendar::Utc());
  ASSERT_TRUE(change);
  EXPECT_EQ(change->values.at(0).second, "");
}

TEST(Addresses, AreOneOrSeveral) {
  struct Row {
    const char* json;
    std::vector<std::string> addresses;
  };
  const Row rows[] = {
      {R"("a")", {"a"}},
      {R"(["a","b"])", {"a", "b"}},
      {R"([7,"b",""])", {"7", "b"}},
      {R"([])", {}},
      {R"({"a":1})", {}},
      {R"(true)", {}},
      {R"([["a"],null])", {}},
      {"", {}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(AddressesIn(row.json), row.addresses) << row.json;
  }
}

}  // namespace
}  // namespace rekindle
