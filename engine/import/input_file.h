// A file of input: plain or gzip (told by its first bytes, so standard input
// may be either), several gzip members in a row included.
#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>

#include "config/base/result.h"

namespace rekindle {

// Reads with flat memory; a line longer than 16 MiB ends the input with an
// error. Not thread-safe.
class InputFile {
 public:
  // "-" is standard input. kNotFound where there is no such file, kUsage for a
  // folder, kIo where it cannot be opened.
  static Result<std::unique_ptr<InputFile>> Open(const std::string& path);
  // Takes over an open descriptor; `name` is what messages call it.
  static std::unique_ptr<InputFile> FromDescriptor(int descriptor,
                                                   std::string name);
  ~InputFile();

  const std::string& name() const { return name_; }
  // The decompressed bytes. Ends early where the input is damaged: see
  // error().
  std::istream& stream() { return stream_; }
  // Set once the stream has ended before its time: damaged or cut gzip data, a
  // failing read. What was read since the last line end is then incomplete.
  const std::optional<Error>& error() const;

  // Bytes of the file as it lies on disk (compressed or not), for progress.
  int64_t bytes_read() const;
  std::optional<int64_t> size() const;  // none for a pipe

 private:
  class Buffer;
  InputFile(int descriptor, bool owned, std::string name);

  std::string name_;
  std::unique_ptr<Buffer> buffer_;
  std::istream stream_;
};

}  // namespace rekindle
