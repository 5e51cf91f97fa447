#include "daemon/generate/person.h"

#include <charconv>
#include <string_view>

#include "daemon/generate/random.h"
#include "daemon/generate/row_text.h"

namespace rekindle {
namespace {

constexpr uint64_t kHabit = 0x4ab17;  // purposes of draws
constexpr uint64_t kProfile = 0x9f0f11e;
constexpr int kIdDigits = 7;

// Days of use in a month: most people little, a few nearly daily.
constexpr std::array<uint8_t, 16> kActiveDays = {2, 2, 3, 3, 4,  4,  5,  5,
                                                 6, 6, 7, 8, 10, 12, 16, 22};
constexpr std::array<uint8_t, 8> kDrivingDays = {3, 5, 6, 8, 10, 12, 16, 20};
// Which feature is favoured, in twentieths.
constexpr std::array<Feature, 20> kFavours = {
    Feature::kCarControl, Feature::kCarControl, Feature::kCarControl,
    Feature::kCarControl, Feature::kCarControl, Feature::kCarControl,
    Feature::kCarControl, Feature::kCharging,   Feature::kCharging,
    Feature::kCharging,   Feature::kNavigation, Feature::kNavigation,
    Feature::kNavigation, Feature::kCommunity,  Feature::kCommunity,
    Feature::kCommunity,  Feature::kCommunity,  Feature::kShop,
    Feature::kShop,       Feature::kShop};

constexpr std::array<std::string_view, 12> kCities = {
    "上海", "上海", "杭州", "北京", "北京", "深圳",
    "广州", "成都", "武汉", "南京", "西安", "苏州"};
constexpr std::array<std::string_view, 10> kFamilies = {
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴"};
constexpr std::array<std::string_view, 12> kGiven = {
    "小明", "晓雨", "子涵", "志强", "婷婷", "海涛",
    "一诺", "浩然", "思远", "欣怡", "建国", "乐乐"};
constexpr std::array<std::string_view, 8> kForeign = {
    "Anna", "Tom", "Maria", "Jonas", "Kate", "Paul", "Emma", "Leo"};
constexpr std::array<std::string_view, 4> kZones = {
    "Asia/Urumqi", "Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles"};
constexpr std::array<std::string_view, 5> kModels = {"R3", "R3 Long Range",
                                                     "R5", "R5 Pro", "R7"};

template <class Array>
auto Pick(const Array& from, Random& random) {
  return from[random.Below(from.size())];
}

}  // namespace

Habits HabitsOf(uint64_t seed, uint32_t user) {
  Random random(seed, user, kHabit);
  Habits habits;
  int favourites = random.Chance(350) ? 2 : 1;
  for (int i = 0; i < favourites; ++i) {
    habits.favours[static_cast<int>(Pick(kFavours, random))] = true;
  }
  habits.active_days = Pick(kActiveDays, random);
  habits.driving_days = random.Chance(920) ? Pick(kDrivingDays, random) : 0;
  return habits;
}

void AppendUserId(std::string* out, uint32_t user) {
  *out += 'u';
  AppendNumber(out, user + 1, kIdDigits);
}

bool ParseUserId(std::string_view text, uint32_t* user) {
  if (!text.starts_with('u') || text.size() < kIdDigits + 1) return false;
  uint32_t number = 0;
  auto [end, error] =
      std::from_chars(text.data() + 1, text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) {
    return false;
  }
  *user = number - 1;
  return true;
}

void AppendUserRow(std::string* out, uint64_t seed, uint32_t user,
                   LocalDay registered_on) {
  Random random(seed, user, kProfile);
  AppendUserId(out, user);
  *out += ',';
  *out += FormatDay(registered_on);
  *out += 'T';
  AppendClock(out, RegistrationSecond(seed, user));
  *out += ',';
  *out += Pick(kCities, random);
  *out += ',';
  bool foreign = random.Chance(60);
  if (random.Chance(970)) {
    if (foreign) {
      *out += Pick(kForeign, random);
    } else {
      *out += Pick(kFamilies, random);
      *out += Pick(kGiven, random);
    }
  }
  *out += foreign ? ",en," : ",zh,";
  if (random.Chance(foreign ? 500 : 10)) *out += Pick(kZones, random);
  *out += random.Chance(120) ? ",true," : ",false,";
  if (random.Chance(800)) {
    AppendUserId(out, user);
    *out += "@mail.example";
  }
  *out += ',';
  if (random.Chance(900)) {
    // A prefix that no operator gives out.
    *out += "+86120";
    AppendNumber(out, user % 100'000'000, 8);
  }
  *out += ',';
  if (random.Chance(750)) {
    *out += "push-";
    AppendHex(out, random.Next());
  }
  *out += ',';
  *out += Pick(kModels, random);
  *out += '\n';
}

}  // namespace rekindle
