// What a call that can fail gives back.
//
// Bad input, missing things and refused requests are values: Result<T> or
// Status. A failing machine (disk full, damaged database) is an exception
// (std::exception): no caller on the way can do better than give up the job at
// hand, so it is caught once, at the border of a job: a command, a scheduler
// step, a request.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace rekindle {

enum class ErrorKind {
  kUsage,          // the call's words are wrong: exit 2, HTTP 400
  kConfiguration,  // settings or rules are wrong: exit 2
  kNotFound,       // no such user, rule, file: exit 1, HTTP 404
  kConflict,       // in use, or already done: exit 1, HTTP 409
  kIo,             // a file or peer failed: exit 1, HTTP 500
  kCorrupt,        // stored bytes are not what was written: exit 1, HTTP 500
};

struct Error {
  ErrorKind kind = ErrorKind::kIo;
  std::string message;  // one line for people, without a trailing full stop
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> Fail(ErrorKind kind, std::string message) {
  return tl::make_unexpected(Error{kind, std::move(message)});
}

}  // namespace rekindle
