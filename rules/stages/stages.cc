#include "rules/stages/stages.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/users/addresses.h"

namespace rekindle {

std::string CountOf(int64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

const ChannelFacts* FindChannel(const PlanContext& context,
                                std::string_view id) {
  auto found = std::find_if(context.channels.begin(), context.channels.end(),
                            [&](const ChannelFacts& c) { return c.id == id; });
  return found == context.channels.end() ? nullptr : &*found;
}

std::vector<std::string> AddressesOf(const PlanContext& context,
                                     const ChannelFacts& channel,
                                     UserNumber user) {
  if (channel.address_field.empty()) return {};
  return AddressesOf(context.facts.users(), user, channel.address_field);
}

}  // namespace rekindle
