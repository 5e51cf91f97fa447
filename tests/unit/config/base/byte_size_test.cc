#include "config/base/byte_size.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

TEST(ByteSize, IsReadAndWritten) {
  const struct {
    const char* text;
    int64_t bytes;
    const char* written;
  } cases[] = {
      {"20 GB", 20'000'000'000, "20.0 GB"},
      {"500MB", 500'000'000, "500.0 MB"},
      {" 3 TB ", 3'000'000'000'000, "3.0 TB"},
      {"1 kB", 1000, "1.0 kB"},
      {"0 MB", 0, "0 bytes"},
  };
  for (const auto& c : cases) {
    const Result<int64_t> bytes = ParseByteSize(c.text);
    ASSERT_TRUE(bytes) << c.text;
    EXPECT_EQ(*bytes, c.bytes) << c.text;
    EXPECT_EQ(FormatByteSize(*bytes), c.written) << c.text;
  }
  EXPECT_EQ(FormatByteSize(31'211'520), "31.2 MB");
}

TEST(ByteSize, OtherTextsAreRefused) {
  for (const char* text : {"", "20", "GB", "20 GiB", "-1 GB", "1.5 GB", "2 gb",
                           "99999999999 TB", "20 GB of it"}) {
    const Result<int64_t> bytes = ParseByteSize(text);
    ASSERT_FALSE(bytes) << text;
    EXPECT_EQ(bytes.error().kind, ErrorKind::kUsage);
  }
  EXPECT_EQ(ParseByteSize("20").error().message,
            "\"20\" is not a size; write 500 MB or 20 GB");
}

}  // namespace
}  // namespace rekindle
