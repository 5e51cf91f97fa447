#include "engine/journal/found_by_place.h"

#include <gtest/gtest.h>

#include <string>

namespace rekindle {
namespace {

TEST(FoundByPlace, APlaceIsLookedUpOnce) {
  const std::string text = "order_create, order_paid";
  const std::string_view all(text);
  FoundByPlace<std::string, 64> found;
  int looked_up = 0;
  const auto get = [&](std::string_view name) {
    return found.Get(name, [&](std::string_view one) {
      ++looked_up;
      return std::string(one);
    });
  };
  EXPECT_EQ(get(all.substr(0, 12)), "order_create");
  EXPECT_EQ(get(all.substr(0, 12)), "order_create");
  EXPECT_EQ(looked_up, 1);
  // Of one place, but longer; of another one.
  EXPECT_EQ(get(all.substr(0, 5)), "order");
  EXPECT_EQ(get(all.substr(0, 12)), "order_create");
  EXPECT_EQ(get(all.substr(14)), "order_paid");
  EXPECT_EQ(looked_up, 4);
}

TEST(FoundByPlace, ManyPlacesPushEachOtherOut) {
  const std::string text(10'000, 'x');
  FoundByPlace<size_t, 64> found;
  for (int times = 0; times < 2; ++times) {
    for (size_t i = 1; i < text.size(); ++i) {
      const std::string_view name = std::string_view(text).substr(i);
      ASSERT_EQ(found.Get(name, [](auto one) { return one.size(); }),
                name.size());
    }
  }
}

}  // namespace
}  // namespace rekindle
