// Where generated rows go: a file, or a stream that somebody reads meanwhile.
#pragma once

#include <cstddef>
#include <ostream>
#include <string_view>
#include <system_error>

namespace rekindle {

// Bytes to gather before they are written.
inline constexpr size_t kWriteAt = 256 << 10;

class TextOutput {
 public:
  virtual ~TextOutput() = default;
  // Failures are std::system_error.
  virtual void Write(std::string_view text) = 0;
  virtual void Finish() = 0;  // after the last Write
};

// The text as it is. The stream must outlive this.
class PlainOutput : public TextOutput {
 public:
  explicit PlainOutput(std::ostream& out) : out_(out) {}

  void Write(std::string_view text) override {
    out_.write(text.data(), static_cast<std::streamsize>(text.size()));
    Check();
  }
  void Finish() override {
    out_.flush();
    Check();
  }

 private:
  void Check() const {
    if (out_) return;
    throw std::system_error(std::make_error_code(std::errc::broken_pipe),
                            "cannot write the events");
  }

  std::ostream& out_;
};

}  // namespace rekindle
