#include "daemon/generate/gzip_file.h"

#include <zlib.h>

#include <cerrno>
#include <cstdio>
#include <new>
#include <system_error>
#include <vector>

namespace rekindle {
namespace {

constexpr size_t kChunk = 256 << 10;
constexpr int kGzip = 16;  // for deflateInit2, besides the window bits
constexpr int kFast = 1;
constexpr int kMemory = 8;

}  // namespace

struct GzipFile::Impl {
  explicit Impl(std::filesystem::path to)
      : path(std::move(to)), part(path), out(kChunk) {
    part += ".part";
    file = std::fopen(part.c_str(), "wb");
    if (file == nullptr) Throw();
    if (deflateInit2(&zip, kFast, Z_DEFLATED, MAX_WBITS + kGzip, kMemory,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~Impl() {
    deflateEnd(&zip);
    if (file == nullptr) return;
    std::fclose(file);
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
  }

  [[noreturn]] void Throw() const {
    throw std::system_error(errno, std::generic_category(), part.string());
  }

  void Deflate(std::string_view text, int flush) {
    zip.next_in = reinterpret_cast<Bytef*>(
        const_cast<char*>(text.data()));  // not written
    zip.avail_in = text.size();
    do {
      zip.next_out = reinterpret_cast<Bytef*>(out.data());
      zip.avail_out = out.size();
      deflate(&zip, flush);
      size_t got = out.size() - zip.avail_out;
      if (std::fwrite(out.data(), 1, got, file) != got) Throw();
    } while (zip.avail_out == 0);
  }

  void Finish() {
    Deflate("", Z_FINISH);
    std::FILE* closing = file;
    file = nullptr;
    if (std::fclose(closing) != 0) Throw();
    std::filesystem::rename(part, path);
  }

  std::filesystem::path path, part;
  std::FILE* file = nullptr;
  z_stream zip = {};
  std::vector<char> out;
};

GzipFile::GzipFile(std::filesystem::path path)
    : impl_(std::make_unique<Impl>(std::move(path))) {}
GzipFile::~GzipFile() = default;
void GzipFile::Write(std::string_view text) {
  impl_->Deflate(text, Z_NO_FLUSH);
}
void GzipFile::Finish() { impl_->Finish(); }
const std::filesystem::path& GzipFile::path() const { return impl_->path; }

}  // namespace rekindle
