#include "config/base/byte_size.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>

#include "config/base/words.h"

namespace rekindle {
namespace {

struct SizeUnit {
  std::string_view name;
  int64_t bytes;
};
constexpr std::array<SizeUnit, 4> kSizeUnits = {{{"TB", 1'000'000'000'000},
                                                 {"GB", 1'000'000'000},
                                                 {"MB", 1'000'000},
                                                 {"kB", 1'000}}};

}  // namespace

Result<int64_t> ParseByteSize(std::string_view text) {
  text = Trim(text);
  int64_t number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view name =
      Trim(text.substr(static_cast<size_t>(end - text.data())));
  for (const SizeUnit& unit : kSizeUnits) {
    if (error == std::errc() && name == unit.name && number >= 0 &&
        number <= std::numeric_limits<int64_t>::max() / unit.bytes) {
      return number * unit.bytes;
    }
  }
  return Fail(ErrorKind::kUsage,
              fmt::format("\"{}\" is not a size; write 500 MB or 20 GB", text));
}

std::string FormatByteSize(int64_t bytes) {
  for (const SizeUnit& unit : kSizeUnits) {
    if (bytes >= unit.bytes) {
      return fmt::format(
          "{:.1f} {}",
          static_cast<double>(bytes) / static_cast<double>(unit.bytes),
          unit.name);
    }
  }
  return fmt::format("{} bytes", bytes);
}

}  // namespace rekindle
