#include "engine/journal/packed_numbers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace rekindle {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr size_t kRun = 64;
constexpr int kNarrow = 32;  // wider numbers take kWide bits
constexpr int kWide = 64;

size_t BytesOf(size_t numbers, int bits) {
  return (numbers * static_cast<size_t>(bits) + 7) / 8;
}

template <class Number>
int BitsOf(std::span<const Number> run) {
  Number all = 0;
  for (Number number : run) all |= number;
  const int bits = static_cast<int>(std::bit_width(all));
  return bits <= kNarrow ? bits : kWide;
}

// Each of the run at `bits` bits; REQUIRES: they fit.
template <class Number>
void PutRun(std::string* out, std::span<const Number> run, int bits) {
  std::array<uint64_t, kRun + 1> words;
  auto next = words.begin();
  uint64_t word = 0;
  int used = 0;  // bits of it
  for (uint64_t number : run) {
    word |= number << used;
    used += bits;
    if (used < 64) continue;
    *next++ = word;
    used -= 64;
    word = used == 0 ? 0 : number >> (bits - used);
  }
  *next = word;
  out->append(reinterpret_cast<const char*>(words.data()),
              BytesOf(run.size(), bits));
}

template <class Number>
void Put(std::string* out, std::span<const Number> numbers) {
  while (!numbers.empty()) {
    const auto run = numbers.first(std::min(kRun, numbers.size()));
    const int bits = BitsOf(run);
    out->push_back(static_cast<char>(bits));
    if (bits > 0) PutRun(out, run, bits);
    numbers = numbers.subspan(run.size());
  }
}

uint64_t WordAt(const char* bytes, size_t index) {
  uint64_t word;
  std::memcpy(&word, bytes + index * sizeof word, sizeof word);
  return word;
}

template <int kBits, size_t kIndex>
uint32_t NumberAt(const char* bytes) {
  constexpr size_t kAt = kIndex * kBits;
  uint64_t number = WordAt(bytes, kAt / 64) >> (kAt % 64);
  if constexpr (kAt % 64 + kBits > 64) {
    number |= WordAt(bytes, kAt / 64 + 1) << (64 - kAt % 64);
  }
  return static_cast<uint32_t>(number & ((uint64_t{1} << kBits) - 1));
}

template <int kBits, class Number>
void UnpackRun(const char* bytes, Number* numbers) {
  if constexpr (kBits == 0) {
    std::fill_n(numbers, kRun, Number{0});
  } else {
    [&]<size_t... kIndex>(std::index_sequence<kIndex...>) {
      ((numbers[kIndex] = NumberAt<kBits, kIndex>(bytes)), ...);
    }
    (std::make_index_sequence<kRun>());
  }
}

// Unpacks a whole run, by the bits of its numbers.
template <class Number>
using RunUnpacker = void (*)(const char* bytes, Number* numbers);

template <class Number>
constexpr auto kUnpackers = [
]<int... kBits>(std::integer_sequence<int, kBits...>) {
  return std::array<RunUnpacker<Number>, sizeof...(kBits)>{
      &UnpackRun<kBits, Number>...};
}
(std::make_integer_sequence<int, kNarrow + 1>());

// False where no such run is packed.
template <class Number>
bool UnpackNumbers(int bits, const char* bytes, Number* numbers) {
  if (bits <= kNarrow) {
    kUnpackers<Number>[static_cast<size_t>(bits)](bytes, numbers);
    return true;
  }
  if (bits != kWide || sizeof(Number) != sizeof(uint64_t)) return false;
  std::memcpy(numbers, bytes, kRun * sizeof(uint64_t));
  return true;
}

template <class Number>
bool Take(std::string_view* bytes, std::span<Number> numbers) {
  while (!numbers.empty()) {
    if (bytes->empty()) return false;
    const int bits = static_cast<unsigned char>(bytes->front());
    bytes->remove_prefix(1);
    const size_t count = std::min(kRun, numbers.size());
    const size_t size = BytesOf(count, bits);
    if (bits > kWide || size > bytes->size()) return false;
    if (count == kRun) {
      if (!UnpackNumbers(bits, bytes->data(), numbers.data())) return false;
    } else {
      // A part of a run is unpacked as a whole one of which the rest is 0.
      std::array<char, kRun * sizeof(uint64_t)> whole{};
      std::array<Number, kRun> unpacked;
      std::memcpy(whole.data(), bytes->data(), size);
      if (!UnpackNumbers(bits, whole.data(), unpacked.data())) return false;
      std::copy_n(unpacked.begin(), count, numbers.begin());
    }
    bytes->remove_prefix(size);
    numbers = numbers.subspan(count);
  }
  return true;
}

}  // namespace

void PutNumbers(std::string* out, std::span<const uint32_t> numbers) {
  Put(out, numbers);
}

void PutNumbers(std::string* out, std::span<const uint64_t> numbers) {
  Put(out, numbers);
}

bool TakeNumbers(std::string_view* bytes, std::span<uint32_t> numbers) {
  return Take(bytes, numbers);
}

bool TakeNumbers(std::string_view* bytes, std::span<uint64_t> numbers) {
  return Take(bytes, numbers);
}

}  // namespace rekindle
