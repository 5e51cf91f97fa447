// Consent: the rule's topic, then each channel, then the suppression list.
// Leaves the channels that are allowed.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "config/base/words.h"
#include "rules/stages/stages.h"

namespace rekindle {
namespace {

class ConsentStage : public Stage {
 public:
  std::string_view name() const override { return "consent"; }

  void Run(PlanContext& context,
           std::vector<Candidate>& candidates) const override {
    // Users whose answer is not the default, by topic and channel.
    std::map<std::string, UserSet> exceptions;
    auto ask = [&](const std::string& topic) {
      exceptions[topic] = context.consents.Exceptions(context.db, topic);
    };
    if (!context.rule.topic.empty()) ask(context.rule.topic);
    for (const std::string& channel : context.rule.channels) ask(channel);
    auto granted = [&](UserNumber user, const std::string& topic) {
      return context.consents.granted_by_default() !=
             exceptions.at(topic).Contains(user);
    };
    for (Candidate& c : candidates) {
      if (IsOpen(c)) Check(context, granted, c);
    }
  }

 private:
  template <class Granted>
  static void Check(const PlanContext& context, const Granted& granted,
                    Candidate& c) {
    const std::string& topic = context.rule.topic;
    if (!topic.empty() && !granted(c.user, topic)) {
      return Skip(c, Reason::kNoConsent,
                  fmt::format("topic {} is not granted", topic));
    }
    std::vector<std::string> allowed, refused, suppressed;
    for (const std::string& channel : c.channels) {
      if (!granted(c.user, channel)) {
        refused.push_back(channel);
      } else if (IsSuppressed(context, channel, c.user)) {
        suppressed.push_back(channel);
      } else {
        allowed.push_back(channel);
      }
    }
    if (allowed.empty()) {
      return Skip(c,
                  suppressed.empty() ? Reason::kNoConsent : Reason::kSuppressed,
                  Describe(refused, suppressed));
    }
    if (c.user == context.explained) {
      c.detail =
          topic.empty() ? "" : fmt::format("topic {} is granted; ", topic);
      c.detail += fmt::format("allowed: {}", Join(allowed, ", "));
      std::string others = Describe(refused, suppressed);
      if (!others.empty()) c.detail += "; " + others;
    }
    c.channels = std::move(allowed);
  }

  // By the user, or every address they have for the channel.
  static bool IsSuppressed(const PlanContext& context,
                           const std::string& channel, UserNumber user) {
    const ChannelFacts* facts = FindChannel(context, channel);
    std::vector<std::string> addresses;
    if (facts != nullptr) addresses = AddressesOf(context, *facts, user);
    if (addresses.empty()) addresses.emplace_back();
    const std::string id(context.facts.users().IdOf(user));
    return std::all_of(
        addresses.begin(), addresses.end(), [&](const std::string& address) {
          return Consents::IsSuppressed(context.db, channel, address, id);
        });
  }

  static std::string Describe(const std::vector<std::string>& refused,
                              const std::vector<std::string>& suppressed) {
    std::string text;
    if (!refused.empty()) text = "not granted: " + Join(refused, ", ");
    if (suppressed.empty()) return text;
    return text + (text.empty() ? "" : "; ") +
           "suppressed: " + Join(suppressed, ", ");
  }
};

}  // namespace

std::unique_ptr<const Stage> MakeConsentStage() {
  return std::make_unique<ConsentStage>();
}

}  // namespace rekindle
