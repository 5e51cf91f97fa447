// The body of one request, read by hand, straight to where it is parsed:
// Beast's own body types copy and grow in small steps, at a fifth of the rate.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/intake/http_stream.h"
#include "daemon/intake/memory_budget.h"

namespace rekindle {

enum class BodyEnd {
  kRead,      // to its end
  kTooLarge,  // over the limit; some of it is left
  kNoRoom,    // the memory budget is used up; some of it is left
  kBroken,    // malformed chunks; what is left cannot be read
  kGone,      // the client broke off, or was too slow
};

class BodyReader {
 public:
  // REQUIRES: the header was read. All outlive the reader.
  BodyReader(HttpStream& stream, boost::beast::flat_buffer& buffer,
             HttpParser& parser);

  // Reads the body, at most `limit` bytes of it, with `padding` bytes of
  // capacity behind it. Room is taken from the memory share as bytes arrive,
  // so that a client that only promises much takes little.
  Task<BodyEnd> Read(size_t limit, size_t padding, MemoryShare& memory,
                     std::string* body);

  // The same without waiting, where all of it came with the header; else
  // nothing.
  std::optional<BodyEnd> TakeBuffered(size_t limit, size_t padding,
                                      MemoryShare& memory, std::string* body);

  // True where what is left is known to be at most `limit` bytes: it may be
  // read and dropped, so that the connection goes on.
  bool CanSkip(size_t limit) const { return !chunked_ && left_ <= limit; }
  // REQUIRES: CanSkip. False where the client is gone.
  Task<bool> Skip();

  // False where the header already says that it is too large.
  bool Fits(size_t limit) const { return left_ <= limit; }
  bool at_end() const { return chunked_ ? parser_.is_done() : left_ == 0; }

 private:
  Task<BodyEnd> ReadSized(size_t padding, MemoryShare& memory,
                          std::string* body);
  Task<BodyEnd> ReadChunked(size_t limit, size_t padding, MemoryShare& memory,
                            std::string* body);
  // Fills `room` with the next bytes of a chunked body; less only at its end.
  Task<size_t> NextChunked(boost::asio::mutable_buffer room,
                           boost::system::error_code& error);

  HttpStream& stream_;
  boost::beast::flat_buffer& buffer_;
  HttpParser& parser_;
  const bool chunked_;
  uint64_t left_ = 0;  // of a sized body
};

}  // namespace rekindle
