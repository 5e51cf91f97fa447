// Bytes in memory, read as a stream without being copied.
#pragma once

#include <istream>
#include <streambuf>
#include <string_view>

namespace rekindle {

// `text` must outlive the stream.
class TextStream : private std::streambuf, public std::istream {
 public:
  explicit TextStream(std::string_view text) : std::istream(this) {
    // A streambuf's pointers are not const, but reading leaves the text alone.
    char* begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }
};

}  // namespace rekindle
