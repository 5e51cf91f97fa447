// Address: leaves the channels that can reach the user, by the rule's
// preference.
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
      if (!IsOpen(c)) continue;
      if (context.Explains(c)) context.detail = Describe(context, c);
      c.channels.ForEach([&](size_t i) {
        const ChannelFacts* channel = context.channels[i];
        if (channel == nullptr ||
            !MissingField(context, *channel, c.user).empty()) {
          c.channels.Remove(i);
        }
      });
      if (c.channels.Empty()) Skip(c, Reason::kNoAddress);
    }
  }

 private:
  static Phrase Describe(const PlanContext& context, const Candidate& c) {
    std::vector<std::string> reaching;
    std::vector<Phrase> parts;
    c.channels.ForEach([&](size_t i) {
      const std::string& id = context.rule.channels[i];
      if (context.channels[i] == nullptr) {
        parts.push_back(Phrase("{} is not configured", id));
        return;
      }
      const std::string field =
          MissingField(context, *context.channels[i], c.user);
      if (field.empty()) {
        reaching.push_back(id);
      } else {
        parts.push_back(Phrase("{} needs {}", id, field));
      }
    });
    if (!reaching.empty()) {
      parts.insert(parts.begin(),
                   Phrase("reached by {}", Joined("{}, {}", reaching)));
    }
    return Joined("{}; {}", parts);
  }
};

}  // namespace

std::unique_ptr<const Stage> MakeAddressStage() {
  return std::make_unique<AddressStage>();
}

}  // namespace rekindle
