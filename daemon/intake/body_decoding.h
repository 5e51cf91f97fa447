// Request bodies as they travel: gzip, zlib, raw deflate, zstd.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/intake/problem.h"

namespace rekindle {

// Unpacks the body in place as `encoding` (a Content-Encoding header) says, and
// leaves `padding` bytes of capacity behind it. A gzip or zstd body that is not
// declared is recognised by its first bytes: clients behind proxies lose
// headers. 413 as soon as more than `limit` bytes come out, so that a small
// body cannot become a large one; 415 for an unknown encoding; 400 where the
// bytes are not what it says, or break off.
std::optional<Problem> DecodeBody(std::string_view encoding, size_t limit,
                                  size_t padding, std::string* body);

}  // namespace rekindle
