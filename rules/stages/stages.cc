#include "rules/stages/stages.h"

#include "engine/users/addresses.h"

namespace rekindle {

std::vector<std::string> AddressesOf(const PlanContext& context,
                                     const ChannelFacts& channel,
                                     UserNumber user) {
  if (channel.address_field.empty()) return {};
  return AddressesOf(context.facts.users(), user, channel.address_field);
}

}  // namespace rekindle
