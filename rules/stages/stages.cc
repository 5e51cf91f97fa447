#include "rules/stages/stages.h"

#include <fmt/format.h>

#include "engine/users/addresses.h"

namespace rekindle {

std::string CountOf(int64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

std::vector<std::string> AddressesOf(const PlanContext& context,
                                     const ChannelFacts& channel,
                                     UserNumber user) {
  if (channel.address_field.empty()) return {};
  return AddressesOf(context.facts.users(), user, channel.address_field);
}

}  // namespace rekindle
