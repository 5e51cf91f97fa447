// The store, the folder's lock, and packed bytes.
#include "engine/store/store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <random>

#include "engine/store/folder_lock.h"
#include "engine/store/packed.h"
#include "engine/store_schema.h"
#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

TEST(Store, MetaIsKept) {
  testing::TempDir dir;
  {
    Store store(dir / "store.db", StoreMigrations());
    store.Write([](SQLite::Database& db) {
      EXPECT_EQ(Store::GetMeta(db, "time_zone", "none"), "none");
      Store::SetMeta(db, "time_zone", "UTC");
      Store::SetMeta(db, "time_zone", "Asia/Shanghai");
    });
  }
  const Store store(dir / "store.db", StoreMigrations());
  EXPECT_EQ(store.Read([](SQLite::Database& db) {
    return Store::GetMeta(db, "time_zone", "none");
  }),
            "Asia/Shanghai");
}

TEST(Store, NamesTheFileThatIsDamaged) {
  testing::TempDir dir;
  { const Store store(dir / "store.db", StoreMigrations()); }
  std::filesystem::resize_file(dir / "store.db", 10'000);
  try {
    const Store store(dir / "store.db", StoreMigrations());
    FAIL() << "a file cut short was opened";
  } catch (const SQLite::Exception& e) {
    EXPECT_EQ(std::string(e.what()), (dir / "store.db").string() +
                                         ": database disk image is malformed");
  }
}

TEST(Store, AnExceptionRollsBack) {
  testing::TempDir dir;
  Store store(dir / "store.db", StoreMigrations());
  EXPECT_THROW(store.Write([](SQLite::Database& db) {
    Store::SetMeta(db, "key", "value");
    throw std::runtime_error("stop");
  }),
               std::runtime_error);
  store.Write([](SQLite::Database& db) {
    EXPECT_EQ(Store::GetMeta(db, "key", "none"), "none");
  });
}

TEST(Store, ReadsSeeWhatIsCommittedOnly) {
  testing::TempDir dir;
  Store store(dir / "store.db", StoreMigrations());
  const auto read = [&] {
    return store.Read(
        [](SQLite::Database& db) { return Store::GetMeta(db, "key", "none"); });
  };
  store.Write([&](SQLite::Database& db) {
    Store::SetMeta(db, "key", "value");
    EXPECT_EQ(read(), "none");
  });
  EXPECT_EQ(read(), "value");
}

TEST(Store, HasTheTablesOfItsOwners) {
  testing::TempDir dir;
  Store store(dir / "store.db", StoreMigrations());
  for (const std::string table :
       {"meta", "users", "user_blocks", "profile_blocks", "profiles", "tags",
        "forgotten", "erasures", "anonymous_links", "stored_columns",
        "mask_blocks", "last_blocks", "standing_sets", "standing_steps",
        "touches", "slots", "consents", "suppressions"}) {
    EXPECT_EQ(store.Read([&](SQLite::Database& db) {
      return db.execAndGet("SELECT count(*) FROM " + table).getInt();
    }),
              0)
        << table;
  }
}

TEST(Store, ANewerSchemaIsRefused) {
  testing::TempDir dir;
  const std::string file = (dir / "store.db").string();
  { Store store(file, StoreMigrations()); }
  {
    SQLite::Database db(file, SQLite::OPEN_READWRITE);
    db.exec("PRAGMA user_version = 99");
  }
  const std::string known = std::to_string(StoreMigrations().size());
  try {
    Store store(file, StoreMigrations());
    FAIL() << "a newer store was opened";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(error.what(),
              file +
                  " was written by a newer rekindle: its schema is 99, "
                  "this one knows schemas up to " +
                  known);
  }
}

TEST(FolderLock, ASecondOneIsRefusedWithTheHolder) {
  testing::TempDir dir;
  {
    const auto first = FolderLock::Take(dir.path());
    ASSERT_TRUE(first);
    const auto second = FolderLock::Take(dir.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::kConflict);
    EXPECT_EQ(second.error().message,
              "data folder " + dir.path().string() +
                  " is in use by another rekindle (pid " +
                  std::to_string(::getpid()) + ")");
  }
  EXPECT_TRUE(FolderLock::Take(dir.path()));
}

TEST(FolderLock, AFolderThatIsNotThereIsNamed) {
  const auto lock = FolderLock::Take("/nowhere/at/all");
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().kind, ErrorKind::kIo);
  EXPECT_EQ(lock.error().message,
            "cannot open /nowhere/at/all/lock: No such file or directory");
}

TEST(Packed, ComesBack) {
  std::mt19937 random(5);
  for (size_t size : {0u, 1u, 7u, 100u, 100'000u}) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 5);
    EXPECT_EQ(Unpack(Pack(bytes)), bytes) << size;
  }
}

TEST(Packed, EveryFlippedBitIsNoticed) {
  const std::string packed = Pack("some bytes that are worth keeping");
  for (size_t i = 0; i < packed.size() * 8; ++i) {
    std::string damaged = packed;
    damaged[i / 8] = static_cast<char>(damaged[i / 8] ^ (1 << (i % 8)));
    EXPECT_EQ(Unpack(damaged), std::nullopt) << "bit " << i;
  }
  for (size_t size = 0; size < packed.size(); ++size) {
    EXPECT_EQ(Unpack(packed.substr(0, size)), std::nullopt) << size;
  }
}

TEST(Packed, NumbersComeBack) {
  const std::vector<int64_t> numbers = {
      0, 1, -1, 63, -64, 64, 127, 128, 1LL << 40, INT64_MAX, INT64_MIN};
  std::string bytes;
  for (int64_t number : numbers) {
    PutSigned(&bytes, number);
    PutVarint(&bytes, static_cast<uint64_t>(number));
  }
  ByteReader in(bytes);
  for (int64_t number : numbers) {
    EXPECT_EQ(in.Signed(), number);
    EXPECT_EQ(in.Varint(), static_cast<uint64_t>(number));
  }
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.left(), 0u);
  EXPECT_EQ(in.Varint(), 0u);
  EXPECT_FALSE(in.ok());
}

}  // namespace
}  // namespace rekindle
