// What is written as JSON, whatever came in.
#include "config/base/json_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace rekindle {
namespace {

TEST(JsonTextTest, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(JsonText(nlohmann::json("a\xff"
                                    "b 上")),
            "\"a\xEF\xBF\xBD"
            "b 上\"");
}

TEST(JsonTextTest, KeepsTheOrderOfAnOrderedOne) {
  const nlohmann::ordered_json json = {{"b", 1}, {"a", {true, nullptr}}};
  EXPECT_EQ(JsonText(json), R"({"b":1,"a":[true,null]})");
}

}  // namespace
}  // namespace rekindle
