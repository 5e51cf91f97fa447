#include "daemon/intake/body_decoding.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <memory>

#include "config/base/words.h"

namespace rekindle {
namespace {

using boost::algorithm::iequals;

constexpr size_t kFirstText = 16 << 10;
constexpr int kGzip = 16 + MAX_WBITS;
constexpr int kZlib = MAX_WBITS;
constexpr int kRawDeflate = -MAX_WBITS;

Problem TooLarge(size_t limit) {
  return {413, "request size exceeds max limit",
          "the body is larger than " + std::to_string(limit) +
              " bytes when unpacked"};
}

Problem Broken(std::string_view what) {
  return {400, "invalid " + std::string(what) + " body",
          "the body is not whole " + std::string(what) + " data"};
}

// Room that doubles as it fills, up to one byte above the limit.
class Room {
 public:
  Room(size_t limit, size_t padding) : limit_(limit), padding_(padding) {}

  // False where the limit is passed.
  bool Grow() {
    if (text_.size() > limit_) return false;
    size_t more = std::max(text_.size(), kFirstText);
    size_t size = std::min(text_.size() + more, limit_ + 1);
    text_.reserve(size + padding_);
    text_.resize(size);
    return true;
  }
  bool full() const { return filled_ == text_.size(); }
  char* next() { return text_.data() + filled_; }
  size_t left() const { return text_.size() - filled_; }
  void Fill(size_t bytes) { filled_ += bytes; }
  bool PastLimit() const { return filled_ > limit_; }

  std::string Take() {
    text_.resize(filled_);
    return std::move(text_);
  }

 private:
  const size_t limit_;
  const size_t padding_;
  std::string text_;
  size_t filled_ = 0;
};

struct EndInflate {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

bool StartsRawDeflate(std::string_view bytes) {
  // A zlib header is divisible by 31 and names method 8.
  return bytes.size() < 2 || (bytes[0] & 15) != 8 ||
         (static_cast<unsigned char>(bytes[0]) * 256 +
          static_cast<unsigned char>(bytes[1])) %
                 31 !=
             0;
}

std::optional<Problem> Inflate(std::string_view name, int window, size_t limit,
                               Room room, std::string* body) {
  z_stream stream{};
  if (inflateInit2(&stream, window) != Z_OK) throw std::bad_alloc();
  std::unique_ptr<z_stream, EndInflate> ends(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(body->data());
  stream.avail_in = static_cast<uInt>(body->size());
  for (bool ended = false; !ended;) {
    if (room.full() && !room.Grow()) return TooLarge(limit);
    const uInt left = static_cast<uInt>(room.left());
    stream.next_out = reinterpret_cast<Bytef*>(room.next());
    stream.avail_out = left;
    const int status = inflate(&stream, Z_NO_FLUSH);
    room.Fill(left - stream.avail_out);
    if (room.PastLimit()) return TooLarge(limit);
    if (status != Z_OK && status != Z_STREAM_END) return Broken(name);
    if (status != Z_STREAM_END) continue;
    // gzip files may be put one behind the other.
    ended = stream.avail_in == 0 || window != kGzip;
    if (!ended) inflateReset(&stream);
  }
  *body = room.Take();
  return std::nullopt;
}

struct FreeDctx {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

std::optional<Problem> Unzstd(size_t limit, Room room, std::string* body) {
  std::unique_ptr<ZSTD_DCtx, FreeDctx> context(ZSTD_createDCtx());
  if (!context) throw std::bad_alloc();
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, 23);
  ZSTD_inBuffer in{body->data(), body->size(), 0};
  for (size_t hint = 1; hint != 0 || in.pos < in.size;) {
    if (room.full() && !room.Grow()) return TooLarge(limit);
    ZSTD_outBuffer out{room.next(), room.left(), 0};
    const size_t before = in.pos;
    hint = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(hint)) return Broken("zstd");
    room.Fill(out.pos);
    if (room.PastLimit()) return TooLarge(limit);
    if (in.pos == before && out.pos == 0 && hint != 0) return Broken("zstd");
  }
  *body = room.Take();
  return std::nullopt;
}

// The encoding in lower-case words that mean one thing each.
std::string_view Meant(std::string_view encoding, std::string_view body) {
  if (encoding.empty() || iequals(encoding, "identity")) {
    if (body.starts_with("\x1f\x8b")) return "gzip";
    if (body.starts_with("\x28\xb5\x2f\xfd")) return "zstd";
    return "identity";
  }
  if (iequals(encoding, "gzip") || iequals(encoding, "x-gzip")) return "gzip";
  if (iequals(encoding, "deflate")) return "deflate";
  if (iequals(encoding, "zstd")) return "zstd";
  return "";
}

}  // namespace

std::optional<Problem> DecodeBody(std::string_view encoding, size_t limit,
                                  size_t padding, std::string* body) {
  encoding = Trim(encoding);
  const std::string_view meant = Meant(encoding, *body);
  const Room room(limit, padding);
  if (meant == "identity") {
    if (body->size() > limit) return TooLarge(limit);
    body->reserve(body->size() + padding);
    return std::nullopt;
  }
  if (meant == "gzip") return Inflate("gzip", kGzip, limit, room, body);
  if (meant == "zstd") return Unzstd(limit, room, body);
  if (meant == "deflate") {
    const int window = StartsRawDeflate(*body) ? kRawDeflate : kZlib;
    return Inflate("deflate", window, limit, room, body);
  }
  return Problem{415, "unsupported content encoding",
                 "\"" + std::string(encoding) +
                     "\" is not gzip, deflate, zstd or identity"};
}

}  // namespace rekindle
