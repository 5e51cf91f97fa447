// Request bodies as they travel: gzip, zlib, raw deflate, zstd.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/intake/problem.h"

namespace rekindle {

// Puts what `encoding` (a Content-Encoding header) wraps in place of the body,
// with `padding` bytes of capacity behind it. A gzip or zstd body that is not
// declared is known by its first bytes: clients behind proxies lose headers.
// The limit is kept while unpacking, so that a small body cannot become a large
// one: 413. 415 for an encoding that is not known, 400 where the bytes are not
// what it says or break off.
std::optional<Problem> DecodeBody(std::string_view encoding, size_t limit,
                                  size_t padding, std::string* body);

}  // namespace rekindle
