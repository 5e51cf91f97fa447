#include "engine/import/input_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <random>
#include <string>
#include <thread>

#include "engine/intake/input_format.h"
#include "tests/support/compressed.h"
#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

using testing::TempDir;

// Lines that do not compress to nothing, over several of the reader's buffers.
std::string ManyLines() {
  std::mt19937 random(1);
  std::string text;
  for (int i = 0; i < 60000; ++i) {
    text += "u" + std::to_string(random()) + ",2026-02-14,app_open\n";
  }
  return text;
}

struct Content {
  std::string text;
  std::string error;
};

Content ReadAll(InputFile& file) {
  Content content;
  content.text.assign(std::istreambuf_iterator<char>(file.stream()), {});
  if (file.error()) content.error = file.error()->message;
  return content;
}

TEST(IntakeInputFile, ReadsPlainAndGzipByContent) {
  TempDir dir;
  const std::string lines = ManyLines();
  const std::string half = lines.substr(0, lines.size() / 2);
  const std::string rest = lines.substr(half.size());
  struct Case {
    const char* name;
    std::string bytes;
    std::string text;
  };
  for (const Case& c :
       {Case{"empty", "", ""},
        {"short", "a", "a"},
        {"plain", lines, lines},
        {"gzip", Gzip(lines), lines},
        {"gzip without .gz in its name", Gzip("a\nb\n"), "a\nb\n"},
        {"two members", Gzip(half) + Gzip(rest), lines},
        {"an empty member between", Gzip(half) + Gzip("") + Gzip(rest), lines},
        {"zeros behind", Gzip(lines) + std::string(1000, '\0'), lines},
        {"gzip of nothing", Gzip(""), ""}}) {
    auto file = InputFile::Open(dir.Write("input", c.bytes).string());
    ASSERT_TRUE(file) << c.name;
    EXPECT_EQ((*file)->size(), static_cast<int64_t>(c.bytes.size())) << c.name;
    Content content = ReadAll(**file);
    EXPECT_TRUE(content.text == c.text) << c.name;
    EXPECT_EQ(content.error, "") << c.name;
    EXPECT_EQ((*file)->bytes_read(), static_cast<int64_t>(c.bytes.size()))
        << c.name;
  }
}

TEST(IntakeInputFile, TellsWhatIsWrongWithTheBytes) {
  TempDir dir;
  const std::string packed = Gzip(ManyLines());
  std::string damaged = packed;
  damaged[packed.size() / 2] ^= 0x55;
  damaged[packed.size() / 2 + 1] ^= 0x55;
  std::string bad_sum = packed;
  bad_sum[packed.size() - 6] ^= 1;
  struct Case {
    const char* name;
    std::string bytes;
    const char* error;
  };
  for (const Case& c :
       {Case{"cut", packed.substr(0, packed.size() / 2),
             ": the gzip data is cut short"},
        {"cut in the trailer", packed.substr(0, packed.size() - 3),
         ": the gzip data is cut short"},
        {"damaged", damaged, ": the gzip data is damaged"},
        {"bad checksum", bad_sum, ": the gzip data is damaged"},
        {"other bytes behind", Gzip("a\n") + "hello",
         ": other bytes follow the gzip data"},
        {"zstd", "\x28\xb5\x2f\xfd rest",
         ": is compressed with zstd; unpack it first: zstd -dc FILE | rekindle "
         "import -"},
        {"no lines", std::string(17 << 20, 'x'),
         ": a line is longer than 16 MiB; this is no CSV or NDJSON"}}) {
    std::string path = dir.Write("input", c.bytes).string();
    auto file = InputFile::Open(path);
    ASSERT_TRUE(file) << c.name;
    EXPECT_EQ(ReadAll(**file).error, path + c.error) << c.name;
    EXPECT_EQ((*file)->error()->kind, ErrorKind::kIo) << c.name;
  }
}

TEST(IntakeInputFile, TellsWhatCannotBeOpened) {
  TempDir dir;
  auto missing = InputFile::Open((dir / "none.csv").string());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(missing.error().message,
            (dir / "none.csv").string() + ": no such file");
  auto folder = InputFile::Open(dir.path().string());
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().kind, ErrorKind::kUsage);
  EXPECT_EQ(folder.error().message,
            dir.path().string() + ": is a folder, not a file");
}

TEST(IntakeInputFile, ReadsAPipeThatComesByteByByte) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const std::string bytes = Gzip("a\n") + Gzip("b\n");
  std::thread writer([&] {
    for (char c : bytes) ASSERT_EQ(write(ends[1], &c, 1), 1);
    close(ends[1]);
  });
  auto file = InputFile::FromDescriptor(ends[0], "stdin");
  Content content = ReadAll(*file);
  writer.join();
  EXPECT_EQ(content.text, "a\nb\n");
  EXPECT_EQ(content.error, "");
  EXPECT_EQ(file->name(), "stdin");
  EXPECT_EQ(file->size(), std::nullopt);
}

TEST(IntakeInputFile, ClosesTheDescriptorItWasGiven) {
  TempDir dir;
  int descriptor = open(dir.Write("x", "a\n").c_str(), O_RDONLY);
  InputFile::FromDescriptor(descriptor, "x").reset();
  EXPECT_EQ(fcntl(descriptor, F_GETFD), -1);
}

TEST(IntakeInputFormat, GoesByTheName) {
  struct Case {
    const char* name;
    ImportFormat format;
  };
  for (const Case& c : {Case{"events.csv", ImportFormat::kCsv},
                        {"events.csv.gz", ImportFormat::kCsv},
                        {"stdin", ImportFormat::kCsv},
                        {"a/b.ndjson", ImportFormat::kNdjson},
                        {"b.ndjson.gz", ImportFormat::kNdjson},
                        {"b.jsonl", ImportFormat::kNdjson},
                        {"b.json.gz", ImportFormat::kNdjson},
                        {"b.txt", ImportFormat::kCsv}}) {
    EXPECT_EQ(FormatOfFile(c.name), c.format) << c.name;
  }
  EXPECT_EQ(ParseImportFormat("dead_letter"), ImportFormat::kDeadLetter);
  EXPECT_EQ(ParseImportFormat("xml"), std::nullopt);
  EXPECT_EQ(ParseImportWhat("touches"), ImportWhat::kTouches);
  EXPECT_EQ(ParseImportWhat("touch"), std::nullopt);
}

}  // namespace
}  // namespace rekindle
