// Address: leaves the channels that can reach the user, by the rule's
// preference.
#include <fmt/format.h>

#include "config/base/words.h"
#include "rules/stages/stages.h"

namespace rekindle {
namespace {

// The first profile key the channel needs and the user lacks; empty: none.
std::string MissingField(const PlanContext& context,
                         const ChannelFacts& channel, UserNumber user) {
  auto has = [&](const std::string& key) {
    return !ValueText(context.facts.users().ProfileValue(user, key)).empty();
  };
  if (!channel.address_field.empty() &&
      AddressesOf(context, channel, user).empty()) {
    return channel.address_field;
  }
  for (const std::string& key : channel.needed_fields) {
    if (!has(key)) return key;
  }
  return "";
}

class AddressStage : public Stage {
 public:
  std::string_view name() const override { return "address"; }

  void Run(PlanContext& context,
           std::vector<Candidate>& candidates) const override {
    for (Candidate& c : candidates) {
      if (IsOpen(c)) Check(context, c);
    }
  }

 private:
  static void Check(const PlanContext& context, Candidate& c) {
    std::vector<std::string> reaching, missing;
    for (const std::string& id : c.channels) {
      const ChannelFacts* channel = FindChannel(context, id);
      if (channel == nullptr) {
        missing.push_back(fmt::format("{} is not configured", id));
        continue;
      }
      std::string field = MissingField(context, *channel, c.user);
      if (field.empty()) {
        reaching.push_back(id);
      } else {
        missing.push_back(fmt::format("{} needs {}", id, field));
      }
    }
    if (reaching.empty()) {
      return Skip(c, Reason::kNoAddress, Join(missing, "; "));
    }
    if (c.user == context.explained) {
      c.detail = "reached by " + Join(reaching, ", ");
      if (!missing.empty()) c.detail += "; " + Join(missing, "; ");
    }
    c.channels = std::move(reaching);
  }
};

}  // namespace

std::unique_ptr<const Stage> MakeAddressStage() {
  return std::make_unique<AddressStage>();
}

}  // namespace rekindle
