#include "engine/intake/cells.h"

#include <utility>

namespace rekindle {

tl::unexpected<Error> Refuse(std::string reason) {
  return Fail(ErrorKind::kUsage, std::move(reason));
}

tl::unexpected<Error> RefuseNamed(std::string_view name, std::string_view why) {
  return Refuse(std::string(name) + std::string(why));
}

Status CheckFilled(std::string_view name, std::string_view value) {
  if (value.empty()) return RefuseNamed(name, " is empty");
  if (value.find('\0') != std::string_view::npos) {
    return RefuseNamed(name, " holds a NUL character");
  }
  return {};
}

Result<Moment> ReadMoment(std::string_view name, std::string_view value,
                          const Calendar& calendar) {
  if (value.empty()) return RefuseNamed(name, " is empty");
  Result<Moment> moment = calendar.ParseMoment(value);
  if (moment) return moment;
  return RefuseNamed(name, ": " + moment.error().message);
}

Result<bool> ReadBool(std::string_view name, std::string_view value) {
  if (value == "true") return true;
  if (value == "false") return false;
  return RefuseNamed(name,
                     ": \"" + std::string(value) + "\" is not true or false");
}

}  // namespace rekindle
