// What a large user directory costs: bytes, adding, finding, saving, loading.
//
//   rekindle_bench_users                       1,000,000 users
//   REKINDLE_BENCH_USERS=10000000 rekindle_bench_users
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <random>

#include "engine/store_schema.h"
#include "engine/users/user_directory.h"
#include "tests/bench/programs/process_memory.h"
#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

constexpr UserNumber kInBatch = 20'000;

UserNumber UserCount() {
  const char* count = std::getenv("REKINDLE_BENCH_USERS");
  return count == nullptr ? 1'000'000
                          : static_cast<UserNumber>(std::stoul(count));
}

// 9 or 10 bytes, in no order, as most products' ids.
std::string IdOf(UserNumber user) {
  return fmt::format(
      "u{}", 100'000'000 + user * uint64_t{2'654'435'761} % 1'900'000'000);
}

Moment FirstOf(UserNumber user) {
  const Instant at = FromMillis(1'700'000'000'000 + int64_t{user} * 6'000 +
                                user * uint64_t{48'271} % 10'000'000);
  return {at, Calendar::Utc().DayOf(at), false};
}

// One directory for all, filled and saved once.
class World {
 public:
  static World& Get() {
    static World world;
    return world;
  }

  void Fill(UserNumber begin, UserNumber end) {
    for (; begin < end; begin += kInBatch) {
      store_->Write([&](SQLite::Database& db) {
        const UserNumber stop = std::min(begin + kInBatch, end);
        for (UserNumber i = begin; i < stop; ++i) users_->Add(ids_[i]);
        users_->SaveAdded(db);
      });
    }
  }
  // Three values each, as a small product's users have them.
  void AddProfiles() {
    const char* cities[] = {"\"上海\"", "\"杭州\"", "\"北京\"", "\"深圳\""};
    ProfileChange change;
    change.values = {{"city", ""}, {"age", ""}, {"vip", ""}};
    for (UserNumber i = 0; i < users_->size();) {
      store_->Write([&](SQLite::Database& db) {
        const UserNumber stop = std::min(i + kInBatch, users_->size());
        for (; i < stop; ++i) {
          change.values[0].second = cities[i % 4];
          change.values[1].second = std::to_string(18 + i * 7 % 60);
          change.values[2].second = i % 9 == 0 ? "true" : "";
          users_->ChangeProfile(db, i, change);
        }
      });
    }
  }
  void NoteFirstEvents() {
    for (UserNumber i = 0; i < users_->size(); ++i) {
      users_->NoteEvent(i, firsts_[i]);
    }
  }
  void Save() {
    store_->Write([&](SQLite::Database& db) { users_->Save(db); });
    users_->Saved();
  }
  void Load() {
    users_.reset();
    users_ = std::make_unique<UserDirectory>(*store_);
  }

  std::vector<std::string> ids_;
  std::vector<Moment> firsts_;
  testing::TempDir dir_;
  std::unique_ptr<Store> store_ =
      std::make_unique<Store>(dir_ / "store.db", StoreMigrations());
  std::unique_ptr<UserDirectory> users_ =
      std::make_unique<UserDirectory>(*store_);

 private:
  World() {
    for (UserNumber i = 0; i < UserCount(); ++i) {
      ids_.push_back(IdOf(i));
      firsts_.push_back(FirstOf(i));
    }
  }
};

void PerUser(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * UserCount());
}

void BM_Add(benchmark::State& state) {
  World& world = World::Get();
  for (auto _ : state) world.Fill(0, UserCount());
  PerUser(state);
}

void BM_NoteEvent(benchmark::State& state) {
  World& world = World::Get();
  for (auto _ : state) world.NoteFirstEvents();
  PerUser(state);
}

void BM_Save(benchmark::State& state) {
  World& world = World::Get();
  for (auto _ : state) world.Save();
  PerUser(state);
}

void BM_Load(benchmark::State& state) {
  World& world = World::Get();
  world.users_.reset();
  const int64_t before = bench::AllocatedBytes();
  for (auto _ : state) world.Load();
  PerUser(state);
  state.counters["bytes_a_user"] =
      static_cast<double>(bench::AllocatedBytes() - before) / UserCount();
}

// In the order they are asked for, as a batch of messages has them.
std::vector<std::string> RandomIds(const World& world) {
  std::mt19937 random(7);
  std::vector<std::string> ids;
  for (int i = 0; i < 1'000'000; ++i) {
    ids.push_back(world.ids_[random() % world.ids_.size()]);
  }
  return ids;
}

void BM_Find(benchmark::State& state) {
  const World& world = World::Get();
  const auto ids = RandomIds(world);
  for (auto _ : state) {
    for (const std::string& id : ids) {
      benchmark::DoNotOptimize(world.users_->Find(id));
    }
  }
  state.SetItemsProcessed(state.iterations() * ids.size());
}

void BM_FindMany(benchmark::State& state) {
  const World& world = World::Get();
  const auto texts = RandomIds(world);
  const std::vector<std::string_view> ids(texts.begin(), texts.end());
  std::vector<UserNumber> found(ids.size());
  for (auto _ : state) world.users_->FindMany(ids, found);
  state.SetItemsProcessed(state.iterations() * ids.size());
}

void BM_AddProfiles(benchmark::State& state) {
  World& world = World::Get();
  for (auto _ : state) world.AddProfiles();
  PerUser(state);
}

BENCHMARK(BM_Add)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(BM_NoteEvent)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(BM_Save)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(BM_Load)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(BM_Find)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_FindMany)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_AddProfiles)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(BM_Save)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(BM_Load)->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace rekindle

BENCHMARK_MAIN();
