#include "engine/journal/packed_texts.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "engine/journal/packed_numbers.h"
#include "engine/journal/text_shapes.h"
#include "engine/store/packed.h"

namespace rekindle {
namespace {

constexpr uint32_t kFew = 16;  // texts: too few for their shape to be worth it

// A list of numbers in columns: those of each shape side by side.
class Columns {
 public:
  void Add(size_t columns, size_t rows) {
    shapes_.push_back({columns, rows, numbers_.size()});
    numbers_.resize(numbers_.size() + columns * rows);
  }
  // Calls f(number) for those of the shape's next row.
  template <class F>
  void NextRow(size_t shape, F&& f) {
    OfShape& of = shapes_[shape];
    size_t place = of.next++;
    for (size_t i = 0; i < of.columns; ++i, place += of.rows) {
      f(numbers_[place]);
    }
  }
  // Calls f(column) for all, until one is false.
  template <class F>
  bool ForEach(F&& f) {
    std::span<uint64_t> left(numbers_);
    for (const OfShape& of : shapes_) {
      for (size_t i = 0; i < of.columns; ++i, left = left.subspan(of.rows)) {
        if (!f(left.first(of.rows))) return false;
      }
    }
    return true;
  }

 private:
  struct OfShape {
    size_t columns, rows;
    size_t next;  // row's first number
  };
  std::vector<OfShape> shapes_;
  std::vector<uint64_t> numbers_;
};

// What is compressed: shapes that are worth columns, and other texts as they
// are; their sizes first.
class Plain {
 public:
  void Add(std::string_view text) {
    PutVarint(&sizes_, text.size());
    texts_ += text;
  }
  void Put(std::string* out) const {
    const std::string packed = Pack(sizes_ + texts_);
    PutVarint(out, packed.size());
    *out += packed;
  }

 private:
  std::string sizes_, texts_;
};

// Takes apart what Plain put.
class PlainReader {
 public:
  // False where it is damaged.
  bool Open(std::string_view packed, size_t texts) {
    auto bytes = Unpack(packed);
    if (!bytes) return false;
    bytes_ = std::move(*bytes);
    ByteReader sizes(bytes_);
    size_t all = 0;
    for (size_t i = 0; i < texts && sizes.ok(); ++i) {
      sizes_.push_back(sizes.Varint());
      if (sizes_.back() > bytes_.size()) return false;
      all += sizes_.back();
    }
    at_ = bytes_.size() - sizes.left();
    return sizes.ok() && all == sizes.left();
  }
  std::string_view Next() {
    const size_t size = sizes_[next_++];
    return std::string_view(bytes_).substr(std::exchange(at_, at_ + size),
                                           size);
  }

 private:
  std::string bytes_;
  std::vector<size_t> sizes_;
  size_t next_ = 0, at_ = 0;
};

}  // namespace

void PutTexts(std::string* out, std::span<const std::string_view> texts) {
  const TextShapes shapes(texts);
  // Numbered from 1 on; 0 is none, which has no columns.
  std::vector<uint32_t> kept(shapes.all().size());
  uint32_t count = 0;
  Plain plain;
  Columns columns;
  columns.Add(0, 0);
  for (size_t i = 0; i < kept.size(); ++i) {
    const TextShapes::Shape& shape = shapes.all()[i];
    if (shape.texts <= kFew) continue;
    kept[i] = ++count;
    plain.Add(shape.text);
    columns.Add(shape.numbers, shape.texts);
  }
  std::vector<uint32_t> of_text(texts.size());
  auto number = shapes.numbers().begin();
  for (size_t i = 0; i < texts.size(); ++i) {
    const uint32_t shape = shapes.of_text()[i];
    if (shape != TextShapes::kNone) of_text[i] = kept[shape];
    if (of_text[i] != 0) {
      columns.NextRow(of_text[i], [&](uint64_t& to) { to = *number++; });
    } else {
      plain.Add(texts[i]);
      if (shape != TextShapes::kNone) {
        number += static_cast<ptrdiff_t>(shapes.all()[shape].numbers);
      }
    }
  }
  PutVarint(out, count);
  plain.Put(out);
  PutNumbers(out, std::span<const uint32_t>(of_text));
  columns.ForEach([out](std::span<const uint64_t> column) {
    PutNumbers(out, column);
    return true;
  });
}

bool TakeTexts(std::string_view* bytes, size_t count, TextColumn* texts) {
  texts->Clear();
  const uint64_t shapes = TakeVarint(bytes);
  const uint64_t packed = TakeVarint(bytes);
  if (shapes > count || packed > bytes->size()) return false;
  const std::string_view plain_bytes = bytes->substr(0, packed);
  bytes->remove_prefix(packed);

  std::vector<uint32_t> of_text(count);
  if (!TakeNumbers(bytes, std::span(of_text))) return false;
  std::vector<uint32_t> texts_of(shapes + 1);
  for (uint32_t shape : of_text) {
    if (shape > shapes) return false;
    ++texts_of[shape];
  }
  PlainReader plain;
  if (!plain.Open(plain_bytes, shapes + texts_of[0])) return false;
  Columns columns;
  columns.Add(0, 0);
  std::vector<std::string_view> shape_texts(1);
  for (size_t i = 1; i <= shapes; ++i) {
    shape_texts.push_back(plain.Next());
    const auto numbers = std::count(shape_texts[i].begin(),
                                    shape_texts[i].end(), TextShapes::kMark);
    columns.Add(static_cast<size_t>(numbers), texts_of[i]);
  }
  if (!columns.ForEach([bytes](std::span<uint64_t> column) {
        return TakeNumbers(bytes, column);
      })) {
    return false;
  }
  for (uint32_t shape : of_text) {
    std::string_view left = shape == 0 ? plain.Next() : shape_texts[shape];
    columns.NextRow(shape, [&](uint64_t number) {
      const size_t mark = left.find(TextShapes::kMark);
      texts->Append(left.substr(0, mark));
      std::array<char, 20> digits;
      texts->Append(DigitsOf(number, digits));
      left.remove_prefix(mark + 1);
    });
    texts->Append(left);
    texts->EndText();
  }
  return true;
}

}  // namespace rekindle
