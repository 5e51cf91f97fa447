// The parts that the figures rest on, by Google Benchmark.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "config/base/calendar.h"
#include "config/base/hash.h"
#include "engine/import/ndjson.h"
#include "engine/intake/track_reader.h"
#include "engine/journal/packed_texts.h"
#include "engine/model/state.h"
#include "engine/sets/user_set.h"
#include "engine/store/packed.h"
#include "tests/bench/model/event_text.h"
#include "tests/bench/model/population.h"

namespace rekindle::bench {
namespace {

constexpr uint32_t kUsers = 1 << 20;

UserSet OneIn(uint64_t share, uint64_t salt) {
  UserSet users(kUsers);
  for (UserNumber user = 0; user < kUsers; ++user) {
    if (Mix(user * 1000 + salt) % share == 0) users.Add(user);
  }
  return users;
}

void BM_UserSetIntersect(benchmark::State& state) {
  const UserSet a = OneIn(2, 1), b = OneIn(3, 2);
  for (auto _ : state) benchmark::DoNotOptimize(a & b);
  state.SetItemsProcessed(state.iterations() * kUsers);
}
BENCHMARK(BM_UserSetIntersect);

void BM_UserSetCount(benchmark::State& state) {
  const UserSet users = OneIn(3, 1);
  for (auto _ : state) benchmark::DoNotOptimize(users.Count());
  state.SetItemsProcessed(state.iterations() * kUsers);
}
BENCHMARK(BM_UserSetCount);

// By one in how many is a member.
void BM_UserSetToList(benchmark::State& state) {
  const UserSet users = OneIn(static_cast<uint64_t>(state.range(0)), 1);
  for (auto _ : state) benchmark::DoNotOptimize(users.ToList());
  state.SetItemsProcessed(state.iterations() *
                          static_cast<int64_t>(users.Count()));
}
BENCHMARK(BM_UserSetToList)->Arg(2)->Arg(20)->Arg(1000);

void BM_UserSetSerialize(benchmark::State& state) {
  const UserSet users = OneIn(static_cast<uint64_t>(state.range(0)), 1);
  for (auto _ : state) benchmark::DoNotOptimize(users.Serialize());
}
BENCHMARK(BM_UserSetSerialize)->Arg(2)->Arg(1000);

void BM_DayOf(benchmark::State& state) {
  const Calendar calendar = *Calendar::Load("Asia/Shanghai");
  int64_t at = kStart;
  for (auto _ : state) {
    benchmark::DoNotOptimize(calendar.DayOf(FromMillis(1000 * (at += 97))));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_DayOf);

void BM_ParseMoment(benchmark::State& state) {
  const Calendar calendar = *Calendar::Load("Asia/Shanghai");
  for (auto _ : state) {
    benchmark::DoNotOptimize(calendar.ParseMoment("2024-12-31T15:59:59.123Z"));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_ParseMoment);

// A line of the bulk import, as the reader of usual messages takes it, and as
// the one that knows all kinds does.
std::string SomeLine(uint64_t number = 1) {
  std::string line;
  AppendJson({.at = static_cast<uint32_t>(kStart),
              .user = 7,
              .behavior = static_cast<uint8_t>(number % 12)},
             42, number, &line);
  return line;
}

void BM_ReadUsualLine(benchmark::State& state) {
  const Calendar calendar = *Calendar::Load("Asia/Shanghai");
  const std::string line = SomeLine();
  const std::string padded = line + std::string(JsonCursor::kPadding, '\n');
  const auto text = std::string_view(padded).substr(0, line.size());
  MessageView message;
  for (auto _ : state) {
    benchmark::DoNotOptimize(ReadUsualLine(text, calendar, &message));
  }
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(line.size()));
}
BENCHMARK(BM_ReadUsualLine);

void BM_ReadAnyLine(benchmark::State& state) {
  const std::string line = SomeLine();
  JsonRowReader reader(*Calendar::Load("Asia/Shanghai"));
  for (auto _ : state) {
    benchmark::DoNotOptimize(reader.ReadMessage(line, FromMillis(0)));
  }
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(line.size()));
}
BENCHMARK(BM_ReadAnyLine);

// Properties of a batch: as the journal packs them, and under zstd alone.
std::vector<std::string> SomeProperties() {
  JsonRowReader reader(*Calendar::Load("Asia/Shanghai"));
  std::vector<std::string> texts;
  for (uint64_t i = 0; i < 16'384; ++i) {
    texts.push_back(reader.ReadMessage(SomeLine(i), FromMillis(0))->properties);
  }
  return texts;
}

template <class PackAll>
void PackProperties(benchmark::State& state, PackAll&& pack_all) {
  const std::vector<std::string> texts = SomeProperties();
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  size_t packed = 0;
  for (auto _ : state) packed = pack_all(views).size();
  state.SetItemsProcessed(state.iterations() *
                          static_cast<int64_t>(texts.size()));
  state.counters["bytes_each"] =
      static_cast<double>(packed) / static_cast<double>(texts.size());
}

void BM_PackTexts(benchmark::State& state) {
  PackProperties(state, [](const std::vector<std::string_view>& texts) {
    std::string bytes;
    PutTexts(&bytes, texts);
    return bytes;
  });
}
BENCHMARK(BM_PackTexts);

void BM_CompressTexts(benchmark::State& state) {
  PackProperties(state, [](const std::vector<std::string_view>& texts) {
    std::string bytes;
    for (std::string_view text : texts) bytes += text;
    return Pack(bytes);
  });
}
BENCHMARK(BM_CompressTexts);

void BM_TakeTexts(benchmark::State& state) {
  const std::vector<std::string> texts = SomeProperties();
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::string bytes;
  PutTexts(&bytes, views);
  TextColumn column;
  for (auto _ : state) {
    std::string_view left = bytes;
    benchmark::DoNotOptimize(TakeTexts(&left, texts.size(), &column));
  }
  state.SetItemsProcessed(state.iterations() *
                          static_cast<int64_t>(texts.size()));
}
BENCHMARK(BM_TakeTexts);

void BM_HashMessageId(benchmark::State& state) {
  const std::string id = MessageId(1, 1);
  for (auto _ : state) benchmark::DoNotOptimize(Hash128(id));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_HashMessageId);

void BM_StateOf(benchmark::State& state) {
  int32_t before = 0;
  for (auto _ : state) {
    before = (before + 1) % 23;
    benchmark::DoNotOptimize(StateOf(0, 23, before % 2 == 0, before, 2));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_StateOf);

}  // namespace
}  // namespace rekindle::bench

BENCHMARK_MAIN();
