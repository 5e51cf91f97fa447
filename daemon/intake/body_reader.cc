#include "daemon/intake/body_reader.h"

#include <algorithm>
#include <array>
#include <boost/beast/http/read.hpp>
#include <cstring>

namespace rekindle {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr size_t kFirstRoom = 32 << 10;
constexpr size_t kChunkRoom = 8 << 10;

}  // namespace

BodyReader::BodyReader(HttpStream& stream, boost::beast::flat_buffer& buffer,
                       HttpParser& parser)
    : stream_(stream),
      buffer_(buffer),
      parser_(parser),
      chunked_(parser.chunked()),
      left_(parser.content_length().value_or(0)) {}

Task<BodyEnd> BodyReader::Read(size_t limit, size_t padding,
                               MemoryShare& memory, std::string* body) {
  BodyEnd end = BodyEnd::kTooLarge;
  if (chunked_) {
    end = co_await ReadChunked(limit, padding, memory, body);
  } else if (left_ <= limit) {
    end = co_await ReadSized(padding, memory, body);
  }
  co_return end;
}

std::optional<BodyEnd> BodyReader::TakeBuffered(size_t limit, size_t padding,
                                                MemoryShare& memory,
                                                std::string* body) {
  if (chunked_ || left_ > buffer_.size()) return std::nullopt;
  if (left_ > limit) return BodyEnd::kTooLarge;
  if (!memory.Resize(static_cast<int64_t>(left_ + padding))) {
    return BodyEnd::kNoRoom;
  }
  body->reserve(left_ + padding);
  body->assign(static_cast<const char*>(buffer_.data().data()), left_);
  buffer_.consume(left_);
  left_ = 0;
  return BodyEnd::kRead;
}

Task<BodyEnd> BodyReader::ReadSized(size_t padding, MemoryShare& memory,
                                    std::string* body) {
  size_t read = 0;
  while (left_ > 0) {
    if (read == body->size()) {
      const size_t room =
          std::min(read + left_, std::max(kFirstRoom, 2 * read));
      if (!memory.Resize(static_cast<int64_t>(room + padding))) {
        co_return BodyEnd::kNoRoom;
      }
      body->reserve(room + padding);
      body->resize(room);
    }
    size_t got = std::min(body->size() - read, buffer_.size());
    if (got > 0) {
      std::memcpy(body->data() + read, buffer_.data().data(), got);
      buffer_.consume(got);
    } else {
      error_code error;
      got = co_await stream_.async_read_some(
          asio::buffer(body->data() + read, body->size() - read), Into(error));
      if (error) co_return BodyEnd::kGone;
    }
    read += got;
    left_ -= got;
  }
  co_return BodyEnd::kRead;
}

Task<size_t> BodyReader::NextChunked(asio::mutable_buffer room,
                                     error_code& error) {
  auto& target = parser_.get().body();
  target.data = room.data();
  target.size = room.size();
  while (target.size > 0 && !parser_.is_done() && !error) {
    co_await http::async_read(stream_, buffer_, parser_, Into(error));
    if (error == http::error::need_buffer) {
      error = {};
      break;
    }
  }
  co_return room.size() - target.size;
}

Task<BodyEnd> BodyReader::ReadChunked(size_t limit, size_t padding,
                                      MemoryShare& memory, std::string* body) {
  std::array<char, kChunkRoom> chunk;
  while (!parser_.is_done()) {
    error_code error;
    const size_t got = co_await NextChunked(asio::buffer(chunk), error);
    if (error) {
      co_return IsMalformed(error) ? BodyEnd::kBroken : BodyEnd::kGone;
    }
    if (body->size() + got > limit) co_return BodyEnd::kTooLarge;
    const size_t needed = body->size() + got + padding;
    if (needed > body->capacity()) {
      const size_t room = std::max(2 * body->capacity(), needed);
      if (!memory.Resize(static_cast<int64_t>(room))) {
        co_return BodyEnd::kNoRoom;
      }
      body->reserve(room);
    }
    body->append(chunk.data(), got);
  }
  co_return BodyEnd::kRead;
}

Task<bool> BodyReader::Skip() {
  std::array<char, kChunkRoom> dropped;
  error_code error;
  while (left_ > 0 && !error) {
    size_t got = std::min<uint64_t>(buffer_.size(), left_);
    if (got > 0) {
      buffer_.consume(got);
    } else {
      const size_t room = std::min<uint64_t>(dropped.size(), left_);
      got = co_await stream_.async_read_some(asio::buffer(dropped.data(), room),
                                             Into(error));
    }
    left_ -= got;
  }
  co_return !error;
}

}  // namespace rekindle
