#include "tests/bench/model/population.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace rekindle::bench {
namespace {

constexpr uint64_t kGolden = 0x9e3779b97f4a7c15ull;
constexpr double kTwoPi = 6.283185307179586;
constexpr std::array<double, kBehaviors> kPopularity = {
    6, 3, 1.2, .8, .7, 4, 1.5, .6, 1.8, .2, 1.0, .15};

class Draws {
 public:
  explicit Draws(uint64_t state) : state_(state) {}
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }
  double Normal() {
    const double a = Uniform(), b = Uniform();
    return std::sqrt(-2 * std::log(a + 1e-300)) * std::cos(kTwoPi * b);
  }
  double Exponential() { return -std::log(Uniform() + 1e-12); }

 private:
  uint64_t Next() { return Mix(state_ += kGolden); }
  uint64_t state_;
};

// 24 bits of a hash as a fraction.
double Fraction(uint64_t hash) {
  return static_cast<double>(hash >> 40) * 0x1p-24;
}

std::vector<int16_t> MonthsOfDays() {
  using namespace std::chrono;
  std::vector<int16_t> months(kDays);
  for (int day = 0; day < kDays; ++day) {
    const year_month_day date(sys_days(2023y / January / 1) + days(day));
    months[day] = static_cast<int16_t>(
        (static_cast<int>(date.year()) - 2023) * 12 +
        static_cast<int>(static_cast<unsigned>(date.month())) - 1);
  }
  return months;
}

double DaysStayed(Draws& draws) {
  const double kind = draws.Uniform();
  if (kind < .35) return 1 + draws.Uniform() * 6;
  return draws.Exponential() * (kind < .65 ? 90 : 900);
}

}  // namespace

uint64_t Mix(uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ull;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

Population::Population(uint32_t users, uint64_t seed)
    : seed_(seed),
      months_(MonthsOfDays()),
      joined_(users),
      gone_(users),
      habits_(users) {
  const double growth = std::log(3.0);
  for (uint32_t i = 0; i < users; ++i) {
    Draws draws(Mix(seed * 1000003 + i));
    // The density of joins triples over the two years.
    const double rank = (i + .5) / users;
    const double when = std::log(1 + rank * (std::exp(growth) - 1)) / growth;
    const int joined = static_cast<int>(when * kDays + draws.Normal() * 10);
    joined_[i] = static_cast<int16_t>(std::clamp(joined, 0, kDays - 1));
    gone_[i] = static_cast<int16_t>(
        std::min<double>(kDays, joined_[i] + 1 + DaysStayed(draws)));

    Habits& habits = habits_[i];
    habits.daily_chance = static_cast<float>(
        std::min(.97, std::exp(-2.0 + 1.05 * draws.Normal())));
    double sum = 0;
    for (int b = 0; b < kBehaviors; ++b) {
      habits.tastes[b] =
          static_cast<float>(kPopularity[b] * std::exp(1.6 * draws.Normal()));
      sum += habits.tastes[b];
    }
    double share = 0;
    for (float& taste : habits.tastes) {
      share += taste / sum;
      taste = static_cast<float>(share);
    }
    habits.tastes.back() = 1;
    habits.talkativeness =
        static_cast<float>(std::min(60.0, std::exp(.55 + .9 * draws.Normal())));
  }
}

uint64_t Population::DayHash(uint32_t user, int day) const {
  return Mix((seed_ + 77) * kGolden + (uint64_t{user} << 20) +
             static_cast<uint64_t>(day));
}

bool Population::Shows(uint32_t user, int day) const {
  if (day == joined_[user]) return true;
  if (Fraction(DayHash(user, day)) >= habits_[user].daily_chance) return false;
  const int month = months_[day];
  const uint64_t pause = Mix((seed_ + 99) * kGolden + (uint64_t{user} << 20) +
                             static_cast<uint64_t>(month));
  return month == months_[joined_[user]] || Fraction(pause) >= .28;
}

int Population::LastActiveBefore(uint32_t user, int day) const {
  int last = std::min<int>(day, gone_[user]) - 1;
  while (!IsActive(user, last)) --last;
  return last;
}

void Population::AppendDay(uint32_t user, int day,
                           std::vector<GeneratedEvent>* events) const {
  const Habits& habits = habits_[user];
  Draws draws(DayHash(user, day));
  const int count = std::min(
      500,
      1 + static_cast<int>(draws.Exponential() * habits.talkativeness * 2.05));
  for (int k = 0; k < count; ++k) {
    const double taste = draws.Uniform();
    int behavior = 0;
    while (behavior < kBehaviors - 1 && taste > habits.tastes[behavior]) {
      ++behavior;
    }
    const double first = draws.Uniform();
    const double hour = 7 + 16.5 * (first + draws.Uniform()) / 2;
    const double second = std::min(86399.0, hour * 3600);
    events->push_back({static_cast<uint32_t>(kStart + int64_t{day} * 86400) +
                           static_cast<uint32_t>(second),
                       user + 1, static_cast<uint8_t>(behavior)});
  }
}

}  // namespace rekindle::bench
