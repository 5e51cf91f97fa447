// Tests daemon/intake/body_decoding.cc.
#include "daemon/intake/body_decoding.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include "config/base/base64.h"
#include "tests/support/compressed.h"

namespace rekindle {
namespace {

constexpr size_t kLimit = 1 << 20;
constexpr size_t kPadding = 64;

std::string Zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(
      ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string Decoded(std::string_view encoding, std::string body) {
  auto problem = DecodeBody(encoding, kLimit, kPadding, &body);
  if (problem) {
    return std::to_string(problem->status) + " " + problem->error + ": " +
           problem->detail;
  }
  EXPECT_GE(body.capacity(), body.size() + kPadding);
  return body;
}

TEST(BodyDecoding, Encodings) {
  const std::string text = R"({"batch":[]})";
  const std::string large(kLimit, 'x');
  struct Case {
    const char* encoding;
    std::string body;
    std::string decoded;
  };
  const Case cases[] = {
      {"", text, text},
      {"identity", text, text},
      {"gzip", Gzip(text), text},
      {" GZIP ", Gzip(text), text},
      {"x-gzip", Gzip(text), text},
      {"", Gzip(text), text},
      {"", Zstd(text), text},
      {"gzip", Gzip(text) + Gzip(text), text + text},
      {"deflate", Deflated(text, 15), text},
      {"deflate", Deflated(text, -15), text},
      {"zstd", Zstd(text), text},
      {"zstd", Zstd(text) + Zstd(text), text + text},
      {"gzip", Gzip(large), large},
      {"zstd", Zstd(large), large},
      {"gzip", *DecodeBase64("H4sIAAAAAAAAA6tWSlSyMqzlqgbRRrVcAGbAWhkQAAAA"),
       "{\"a\":1}\n{\"a\":2}\n"},
      {"gzip", text, "400 invalid gzip body: the body is not whole gzip data"},
      {"gzip", Gzip(text).substr(0, 15),
       "400 invalid gzip body: the body is not whole gzip data"},
      {"gzip", "", "400 invalid gzip body: the body is not whole gzip data"},
      {"zstd", Zstd(text).substr(0, 12),
       "400 invalid zstd body: the body is not whole zstd data"},
      {"deflate", "\x78\x9c",
       "400 invalid deflate body: the body is not whole deflate data"},
      {"br", text,
       "415 unsupported content encoding: \"br\" is not gzip, deflate, zstd or "
       "identity"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Decoded(c.encoding, c.body), c.decoded) << c.encoding;
  }
}

TEST(BodyDecoding, ABombIsStoppedWhileItUnpacks) {
  const std::string bomb(kLimit * 64, '\0');
  const std::string refused =
      "413 request size exceeds max limit: the body is larger than 1048576 "
      "bytes when unpacked";
  EXPECT_EQ(Decoded("gzip", Gzip(bomb)), refused);
  EXPECT_EQ(Decoded("deflate", Deflated(bomb, -15)), refused);
  EXPECT_EQ(Decoded("zstd", Zstd(bomb)), refused);
  EXPECT_EQ(Decoded("gzip", Gzip(std::string(kLimit + 1, 'x'))), refused);
  EXPECT_EQ(Decoded("", std::string(kLimit + 1, 'x')), refused);
}

}  // namespace
}  // namespace rekindle
