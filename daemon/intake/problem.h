// Why a request as a whole is refused.
#pragma once

#include <string>

namespace rekindle {

// `error` is one of few fixed texts, those of RudderStack's gateway where it
// has one, so that monitoring written for it understands; `detail` says more.
struct Problem {
  int status = 400;
  std::string error;
  std::string detail;
};

}  // namespace rekindle
