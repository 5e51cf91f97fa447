#include "tests/bench/model/event_text.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

namespace rekindle::bench {
namespace {

// Two hashes an event, cut into the fields that vary.
struct Noise {
  Noise(uint64_t seed, uint64_t number)
      : a(Mix(number * 2 + seed)), b(Mix(number * 2 + 1 + seed)) {}
  uint64_t a, b;
};

void AppendMessageId(const Noise& noise, std::string* out) {
  fmt::format_to(std::back_inserter(*out),
                 "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
                 static_cast<uint32_t>(noise.a), noise.a >> 32 & 0xffff,
                 noise.a >> 48 & 0xfff, noise.b >> 48 & 0xfff,
                 noise.b & 0xffffffffffffull);
}

void AppendTime(uint32_t at, unsigned millis, std::string* out) {
  using namespace std::chrono;
  const sys_seconds time{seconds(at)};
  const year_month_day date(floor<days>(time));
  const hh_mm_ss clock(time - floor<days>(time));
  fmt::format_to(
      std::back_inserter(*out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), clock.hours().count(),
      clock.minutes().count(), clock.seconds().count(), millis);
}

}  // namespace

std::string UserId(uint32_t user) { return fmt::format("u{:08}", user); }

std::string MessageId(uint64_t seed, uint64_t number) {
  std::string id;
  AppendMessageId(Noise(seed, number), &id);
  return id;
}

void AppendCsv(const GeneratedEvent& event, std::string* out) {
  fmt::format_to(std::back_inserter(*out), "{},{},{}\n", event.user, event.at,
                 event.behavior + 1);
}

void AppendJson(const GeneratedEvent& event, uint64_t seed, uint64_t number,
                std::string* out) {
  const Noise noise(seed, number);
  const auto [a, b] = noise;
  out->append(R"({"type":"track","messageId":")");
  AppendMessageId(noise, out);
  fmt::format_to(std::back_inserter(*out),
                 R"(","userId":"u{:08}","event":"{}","timestamp":")",
                 event.user, kBehaviorNames[event.behavior]);
  AppendTime(event.at, static_cast<unsigned>(a % 1000), out);
  fmt::format_to(
      std::back_inserter(*out),
      R"(","properties":{{"feature":{},"duration_ms":{},"page":"/p/{}",)"
      R"("channel":"{}"}},"context":{{"app":{{"name":"demo",)"
      R"("version":"3.{}.{}"}},"ip":"10.{}.{}.{}","locale":"zh-CN"}}}})",
      event.behavior + 1, static_cast<uint32_t>(b >> 20) % 60000,
      static_cast<uint32_t>(a >> 10) % 100000,
      (b >> 50) % 3 ? "ios" : "android", static_cast<uint32_t>(b >> 30) % 9,
      static_cast<uint32_t>(b >> 34) % 20, static_cast<uint32_t>(a >> 3) % 256,
      static_cast<uint32_t>(a >> 13) % 256,
      static_cast<uint32_t>(a >> 23) % 256);
}

}  // namespace rekindle::bench
