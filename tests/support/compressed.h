// Texts as clients compress them.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace rekindle {

// `window_bits` as zlib takes them: of a raw stream, zlib's own or gzip's.
inline std::string Deflated(const std::string& text, int window_bits) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = text.size();
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = out.size();
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline std::string Gzip(const std::string& text) {
  return Deflated(text, MAX_WBITS + 16);
}

}  // namespace rekindle
