#include "engine/intake/cells.h"

namespace rekindle {
namespace {

std::string Named(std::string_view name, std::string_view rest) {
  return std::string(name) + std::string(rest);
}

}  // namespace

Status CheckFilled(std::string_view name, std::string_view value) {
  if (value.empty()) return Fail(ErrorKind::kUsage, Named(name, " is empty"));
  if (value.find('\0') != std::string_view::npos) {
    return Fail(ErrorKind::kUsage, Named(name, " holds a NUL character"));
  }
  return {};
}

Result<Moment> ReadMoment(std::string_view name, std::string_view value,
                          const Calendar& calendar) {
  if (value.empty()) return Fail(ErrorKind::kUsage, Named(name, " is empty"));
  Result<Moment> moment = calendar.ParseMoment(value);
  if (moment) return moment;
  return Fail(ErrorKind::kUsage, Named(name, ": " + moment.error().message));
}

Result<bool> ReadBool(std::string_view name, std::string_view value) {
  if (value == "true") return true;
  if (value == "false") return false;
  return Fail(ErrorKind::kUsage, Named(name, ": \"" + std::string(value) +
                                                 "\" is not true or false"));
}

}  // namespace rekindle
