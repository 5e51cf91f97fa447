#include "rules/stages/stages.h"

#include <fmt/format.h>

namespace rekindle {

std::string CountOf(int64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

std::string AddressOf(const PlanContext& context, size_t channel,
                      UserNumber user) {
  const ChannelFacts* facts = context.channels[channel];
  if (facts == nullptr || facts->address_field.empty()) return "";
  return ValueText(
      context.facts.users().ProfileValue(user, facts->address_field));
}

}  // namespace rekindle
