#include "engine/import/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <streambuf>
#include <string_view>
#include <vector>

namespace rekindle {
namespace {

constexpr size_t kChunk = 256 << 10;
constexpr size_t kLongestLine = 16 << 20;
constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";
constexpr int kGzipOnly = 16;  // for inflateInit2, besides the window bits

std::string SystemError() { return std::strerror(errno); }

}  // namespace

class InputFile::Buffer : public std::streambuf {
 public:
  Buffer(int descriptor, bool owned, const std::string& name)
      : descriptor_(descriptor),
        owned_(owned),
        name_(name),
        in_(kChunk),
        out_(kChunk) {
    struct stat info;
    if (fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode)) {
      size_ = info.st_size;
    }
  }
  ~Buffer() override {
    if (form_ == Form::kGzip) inflateEnd(&zip_);
    if (owned_) close(descriptor_);
  }

  const std::optional<Error>& error() const { return error_; }
  int64_t bytes_read() const { return bytes_read_; }
  std::optional<int64_t> size() const { return size_; }

 protected:
  int_type underflow() override {
    if (error_) return traits_type::eof();
    if (form_ == Form::kUnknown) Recognize();
    size_t got = form_ == Form::kGzip ? Inflate() : Copy();
    if (got == 0 || !LinesEnd(out_.data(), got)) return traits_type::eof();
    setg(out_.data(), out_.data(), out_.data() + got);
    return traits_type::to_int_type(*gptr());
  }

  // A plain file is read straight to where it is wanted.
  std::streamsize xsgetn(char* to, std::streamsize count) override {
    std::streamsize got = 0;
    while (got < count) {
      const std::streamsize ready = std::min(count - got, egptr() - gptr());
      if (ready > 0) {
        std::memcpy(to + got, gptr(), static_cast<size_t>(ready));
        gbump(static_cast<int>(ready));
        got += ready;
      } else if (form_ == Form::kPlain && Left().empty() && !error_) {
        const size_t read =
            ReadInto(to + got, static_cast<size_t>(count - got));
        if (read == 0 || !LinesEnd(to + got, read)) break;
        got += static_cast<std::streamsize>(read);
      } else if (underflow() == traits_type::eof()) {
        break;
      }
    }
    return got;
  }

 private:
  enum class Form { kUnknown, kPlain, kGzip };

  size_t Break(std::string why) {
    error_ = Error{ErrorKind::kIo, name_ + ": " + std::move(why)};
    return 0;
  }

  // Reads more behind what is left in in_. False at the end.
  bool Fill() {
    std::memmove(in_.data(), in_.data() + taken_, filled_ - taken_);
    filled_ -= taken_;
    taken_ = 0;
    const size_t got = ReadInto(in_.data() + filled_, in_.size() - filled_);
    filled_ += got;
    return got > 0;
  }

  // 0 at the end, or where the file cannot be read.
  size_t ReadInto(char* to, size_t most) {
    ssize_t got;
    do {
      got = read(descriptor_, to, most);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return Break("cannot be read: " + SystemError());
    bytes_read_ += got;
    return static_cast<size_t>(got);
  }

  std::string_view Left() const {
    return {in_.data() + taken_, filled_ - taken_};
  }

  // A pipe may give its first bytes one by one.
  void Recognize() {
    while (filled_ < kZstdMagic.size() && Fill()) {
    }
    form_ = Form::kPlain;
    if (Left().starts_with(kZstdMagic)) {
      Break(
          "is compressed with zstd; unpack it first: zstd -dc FILE | "
          "rekindle import -");
    } else if (Left().starts_with(kGzipMagic)) {
      form_ = Form::kGzip;
      zip_ = {};
      if (inflateInit2(&zip_, MAX_WBITS + kGzipOnly) != Z_OK) {
        throw std::bad_alloc();
      }
    }
  }

  size_t Copy() {
    if (error_ || (Left().empty() && !Fill())) return 0;
    size_t got = Left().size();
    std::memcpy(out_.data(), Left().data(), got);
    taken_ = filled_;
    return got;
  }

  size_t Inflate() {
    for (;;) {
      if (Left().empty() && !Fill()) {
        if (in_member_ && !error_) return Break("the gzip data is cut short");
        return 0;
      }
      if (!in_member_ && !NextMember()) return 0;
      zip_.next_in = reinterpret_cast<Bytef*>(in_.data() + taken_);
      zip_.avail_in = filled_ - taken_;
      zip_.next_out = reinterpret_cast<Bytef*>(out_.data());
      zip_.avail_out = out_.size();
      int code = inflate(&zip_, Z_NO_FLUSH);
      taken_ = filled_ - zip_.avail_in;
      if (code == Z_STREAM_END) in_member_ = false;
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
        return Break("the gzip data is damaged");
      }
      if (size_t got = out_.size() - zip_.avail_out; got > 0) return got;
    }
  }

  // False at the end of input: zeros after the last member are padding.
  bool NextMember() {
    if (first_member_) {
      first_member_ = false;
      return in_member_ = true;
    }
    while (Left().size() < kGzipMagic.size() && Fill()) {
    }
    if (Left().starts_with(kGzipMagic)) {
      inflateReset(&zip_);
      return in_member_ = true;
    }
    do {
      if (Left().find_first_not_of('\0') != std::string_view::npos) {
        return Break("other bytes follow the gzip data") > 0;
      }
      taken_ = filled_;
    } while (Fill());
    return false;
  }

  // False where a line is too long.
  bool LinesEnd(const char* bytes, size_t got) {
    const void* last = memrchr(bytes, '\n', got);
    line_length_ = last == nullptr
                       ? line_length_ + got
                       : bytes + got - static_cast<const char*>(last);
    if (line_length_ > kLongestLine) {
      Break("a line is longer than 16 MiB; this is no CSV or NDJSON");
    }
    return !error_;
  }

  const int descriptor_;
  const bool owned_;
  const std::string name_;
  std::vector<char> in_, out_;
  size_t taken_ = 0, filled_ = 0;  // the unread part of in_
  size_t line_length_ = 0;
  int64_t bytes_read_ = 0;
  std::optional<int64_t> size_;
  std::optional<Error> error_;
  Form form_ = Form::kUnknown;
  z_stream zip_ = {};
  bool in_member_ = false;
  bool first_member_ = true;
};

InputFile::InputFile(int descriptor, bool owned, std::string name)
    : name_(std::move(name)),
      buffer_(std::make_unique<Buffer>(descriptor, owned, name_)),
      stream_(buffer_.get()) {}

InputFile::~InputFile() = default;

Result<std::unique_ptr<InputFile>> InputFile::Open(const std::string& path) {
  if (path == "-") {
    return std::unique_ptr<InputFile>(
        new InputFile(STDIN_FILENO, /*owned=*/false, "stdin"));
  }
  int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) {
    return Fail(ErrorKind::kNotFound, path + ": no such file");
  }
  if (descriptor < 0) {
    return Fail(ErrorKind::kIo, path + ": cannot be opened: " + SystemError());
  }
  std::unique_ptr<InputFile> file = FromDescriptor(descriptor, path);
  struct stat info;
  if (fstat(descriptor, &info) == 0 && S_ISDIR(info.st_mode)) {
    return Fail(ErrorKind::kUsage, path + ": is a folder, not a file");
  }
  return file;
}

std::unique_ptr<InputFile> InputFile::FromDescriptor(int descriptor,
                                                     std::string name) {
  return std::unique_ptr<InputFile>(
      new InputFile(descriptor, /*owned=*/true, std::move(name)));
}

const std::optional<Error>& InputFile::error() const {
  return buffer_->error();
}
int64_t InputFile::bytes_read() const { return buffer_->bytes_read(); }
std::optional<int64_t> InputFile::size() const { return buffer_->size(); }

}  // namespace rekindle
