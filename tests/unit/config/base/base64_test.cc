#include "config/base/base64.h"

#include <gtest/gtest.h>

namespace rekindle {
namespace {

TEST(Base64Test, Rfc4648Vectors) {
  const struct {
    std::string bytes, text;
  } kRows[] = {{"", ""},
               {"f", "Zg=="},
               {"fo", "Zm8="},
               {"foo", "Zm9v"},
               {"foob", "Zm9vYg=="},
               {"fooba", "Zm9vYmE="},
               {"foobar", "Zm9vYmFy"}};
  for (const auto& row : kRows) {
    EXPECT_EQ(EncodeBase64(row.bytes), row.text) << row.bytes;
    EXPECT_EQ(DecodeBase64(row.text), row.bytes) << row.text;
  }
}

TEST(Base64Test, EveryByteComesBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  EXPECT_EQ(DecodeBase64(EncodeBase64(bytes)), bytes);
}

TEST(Base64Test, PaddingMayBeLeftOut) {
  EXPECT_EQ(DecodeBase64("Zg"), "f");
  EXPECT_EQ(DecodeBase64("Zm8"), "fo");
}

TEST(Base64Test, RefusesWhatIsNotBase64) {
  for (const char* text : {"Z", "Zg=", "Zg===", "Z===", "Zm9v====", "Zm 9v",
                           "Zm9v\n", "Zm-_", "=Zg=", "Zg==Zg=="}) {
    EXPECT_EQ(DecodeBase64(text), std::nullopt) << text;
  }
}

// RFC 4616, the SMTP log-in.
TEST(Base64Test, AuthPlain) {
  using namespace std::string_literals;
  EXPECT_EQ(EncodeBase64("\0user@example.com\0s3cret"s),
            "AHVzZXJAZXhhbXBsZS5jb20AczNjcmV0");
}

}  // namespace
}  // namespace rekindle
