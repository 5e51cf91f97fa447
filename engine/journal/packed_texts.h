// Packs texts that are alike but for their numbers: the format of a batch's
// properties.
//
// A text is split into its shape, which is the text with a mark for each of its
// runs of digits, and those runs as numbers. A batch has few shapes (so many as
// there are kinds of events, of platforms, of versions); its numbers stand
// column by column, a column for each place of a shape (packed_numbers.h).
// Texts that hardly repeat are compressed as they are. So a compressor, which
// is slow, sees only a fraction of the bytes. The idea is that of CLP for logs
// (Rodrigues, Luo and Yuan: "CLP: Efficient and Scalable Search on Compressed
// Text Logs", OSDI 2021); BM_PackTexts (tests/bench, parts) compares it to zstd
// alone.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rekindle {

// Texts side by side.
class TextColumn {
 public:
  size_t size() const { return ends_.size(); }
  std::string_view operator[](size_t i) const {
    const size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }

  void Clear() {
    bytes_.clear();
    ends_.clear();
  }
  void Append(std::string_view piece) { bytes_ += piece; }
  void EndText() { ends_.push_back(bytes_.size()); }

 private:
  std::string bytes_;
  std::vector<size_t> ends_;
};

// Appends the packed texts, which may hold any bytes.
void PutTexts(std::string* out, std::span<const std::string_view> texts);

// Fills `texts` with what was put, and takes it off the front of `bytes`. False
// where the bytes are damaged.
bool TakeTexts(std::string_view* bytes, size_t count, TextColumn* texts);

}  // namespace rekindle
