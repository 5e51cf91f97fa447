// The program's version, as printed and served.
#pragma once

namespace rekindle {
inline constexpr char kVersion[] = "0.1.0";
}  // namespace rekindle
