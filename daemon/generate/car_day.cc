#include "daemon/generate/car_day.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "daemon/generate/random.h"
#include "daemon/generate/row_text.h"
#include "daemon/generate/seasons.h"

namespace rekindle {
namespace {

constexpr uint64_t kDay = 0xda1;  // the purpose of these draws

constexpr int kUsesFavourite = 800;  // per mille of the days of use
constexpr int kUsesOther = 110;

struct Item {
  std::string_view name;
  int price;
};
constexpr std::array<Item, 8> kItems = {{{"车载冰箱", 899},
                                         {"脚垫", 269},
                                         {"充电线", 599},
                                         {"遮阳帘", 159},
                                         {"行车记录仪", 499},
                                         {"车模", 199},
                                         {"露营帐篷", 1299},
                                         {"洗车套装", 89}}};
constexpr std::array<std::string_view, 6> kArticles = {
    "冬季续航技巧", "自驾路线", "新功能介绍",
    "车主故事",     "保养指南", "充电地图"};
constexpr std::array<std::string_view, kFeatures> kScreens = {
    "control", "charging", "map", "community", "shop"};
// Hours of the day at which the app is opened: commutes and evenings.
constexpr std::array<uint8_t, 16> kHours = {7,  7,  8,  8,  9,  11, 12, 12,
                                            14, 17, 18, 18, 19, 20, 21, 22};

// Writes a day's events one after the other, the clock running.
class Session {
 public:
  Session(Random& random, const Season& season, std::vector<CarEvent>* events)
      : random_(random), season_(season), events_(*events) {}

  void At(int second) { second_ = second; }

  CarEvent& Add(std::string_view event) {
    CarEvent& added = events_.emplace_back();
    added.second = std::min(second_, kSecondsADay - 1);
    added.event = event;
    second_ += random_.Between(5, 90);
    return added;
  }

  void Use(Feature feature) {
    switch (feature) {
      case Feature::kCarControl:
        return ControlCar();
      case Feature::kCharging:
        Add("charge_started").minutes = random_.Between(20, 240);
        return;
      case Feature::kNavigation:
        Add("navigation_sent").distance = random_.Between(20, 900);
        return;
      case Feature::kCommunity:
        return ReadCommunity();
      case Feature::kShop:
        return VisitShop();
    }
  }

 private:
  void ControlCar() {
    bool climate = random_.Chance(5 * season_.climate);
    if (climate) Add("remote_climate");
    if (!climate || random_.Chance(400)) Add("remote_unlock");
  }

  void ReadCommunity() {
    int articles = random_.Between(1, 2);
    for (int i = 0; i < articles; ++i) {
      Add("article_view").item = kArticles[random_.Below(kArticles.size())];
    }
    if (random_.Chance(150)) Add("community_post");
  }

  // Most of what is viewed is not bought.
  void VisitShop() {
    const Item& item = kItems[random_.Below(kItems.size())];
    Show("shop_view", item);
    if (!random_.Chance(300)) return;
    Show("cart_add", item);
    if (random_.Chance(4 * season_.orders)) Show("order_paid", item);
  }

  void Show(std::string_view event, const Item& item) {
    CarEvent& added = Add(event);
    added.item = item.name;
    added.amount = item.price;
  }

  Random& random_;
  const Season& season_;
  std::vector<CarEvent>& events_;
  int second_ = 0;
};

void OpenApp(Session& session, Random& random, const Habits& habits,
             int not_before) {
  int second = kHours[random.Below(kHours.size())] * 3600 +
               static_cast<int>(random.Below(3600));
  session.At(std::max(second, not_before));
  session.Add("app_open");
  std::string_view screen = "home";
  for (int f = 0; f < kFeatures; ++f) {
    if (!random.Chance(habits.favours[f] ? kUsesFavourite : kUsesOther)) {
      continue;
    }
    session.Use(static_cast<Feature>(f));
    screen = kScreens[f];
  }
  if (random.Chance(500)) session.Add("screen").name = screen;
  if (random.Chance(40)) session.Add("ota_check");
  if (random.Chance(300)) {
    session.At(std::max(not_before, random.Between(19, 23) * 3600));
    session.Add("app_open");
  }
}

void Drive(Session& session, Random& random) {
  int trips = random.Chance(350) ? 2 : 1;
  for (int i = 0; i < trips; ++i) {
    int hour = i == 0 ? random.Between(7, 16) : random.Between(17, 22);
    session.At(hour * 3600 + static_cast<int>(random.Below(3600)));
    int minutes = random.Between(8, 75);
    CarEvent& trip = session.Add("trip_completed");
    trip.minutes = minutes;
    trip.distance = minutes * random.Between(4, 9);
  }
}

}  // namespace

void FillDay(uint64_t seed, uint32_t user, const Habits& habits, LocalDay day,
             const DayPlan& plan, std::vector<CarEvent>* events) {
  events->clear();
  Random random(seed, user, kDay + (uint64_t{1} << 32) + ToNumber(day));
  Session session(random, SeasonOf(PeriodOf(day, PeriodUnit::kMonth)), events);
  if (plan.drives && plan.not_before == 0) Drive(session, random);
  if (plan.opens_app) OpenApp(session, random, habits, plan.not_before);
}

uint32_t PickDays(uint64_t seed, uint32_t user, uint64_t purpose, int wanted,
                  int at_least, int length, int first_day, bool with_first) {
  Random random(seed, user, purpose);
  int left = length - first_day;
  int target = (wanted * left + static_cast<int>(random.Below(30))) / 30;
  target = std::clamp(target, at_least, left);
  uint32_t days = 0;
  if (with_first) {
    days = uint32_t{1} << first_day;
    --target;
    ++first_day;
    --left;
  }
  for (int day = first_day; day < length && target > 0; ++day, --left) {
    if (static_cast<int>(random.Below(left)) >= target) continue;
    days |= uint32_t{1} << day;
    --target;
  }
  return days;
}

}  // namespace rekindle
