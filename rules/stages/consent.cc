// Consent: the rule's topic, then each channel, then the suppression list.
// Leaves the channels that are allowed.
#include <algorithm>

#include "rules/stages/stages.h"

namespace rekindle {
namespace {

// What is asked of every candidate, looked up once.
struct Asked {
  const ConsentBook::Answers* topic = nullptr;  // nullptr: none is asked
  std::vector<const ConsentBook::Answers*> channels;
  std::vector<const ConsentBook::Suppressions*> suppressions;  // of channels
};

class ConsentStage : public Stage {
 public:
  std::string_view name() const override { return "consent"; }

  void Run(PlanContext& context,
           std::vector<Candidate>& candidates) const override {
    ConsentBook& book = context.tick.consents;
    Asked asked;
    if (!context.rule.topic.empty()) {
      asked.topic = &book.AnswersTo(context.db, context.rule.topic);
    }
    for (const std::string& channel : context.rule.channels) {
      asked.channels.push_back(&book.AnswersTo(context.db, channel));
      asked.suppressions.push_back(&book.SuppressedIn(context.db, channel));
    }
    for (Candidate& c : candidates) {
      if (IsOpen(c)) Check(context, asked, c);
    }
  }

 private:
  static void Check(PlanContext& context, const Asked& asked, Candidate& c) {
    if (asked.topic != nullptr && !asked.topic->Granted(c.user)) {
      if (context.Explains(c)) {
        context.detail = Phrase("topic {} is not granted", context.rule.topic);
      }
      return Skip(c, Reason::kNoConsent);
    }
    ChannelSet refused, suppressed;
    c.channels.ForEach([&](size_t i) {
      if (!asked.channels[i]->Granted(c.user)) {
        refused.Add(i);
      } else if (IsSuppressed(context, *asked.suppressions[i], i, c.user)) {
        suppressed.Add(i);
      } else {
        return;
      }
      c.channels.Remove(i);
    });
    if (context.Explains(c)) {
      context.detail = Describe(context.rule, c.channels, refused, suppressed);
    }
    if (!c.channels.Empty()) return;
    Skip(c, suppressed.Empty() ? Reason::kNoConsent : Reason::kSuppressed);
  }

  // By the user, or every address they have for the channel.
  static bool IsSuppressed(const PlanContext& context,
                           const ConsentBook::Suppressions& list,
                           size_t channel, UserNumber user) {
    if (list.HasUser(user)) return true;
    const ChannelFacts* facts = context.channels[channel];
    if (facts == nullptr || !list.HasAddresses()) return false;
    const auto addresses = AddressesOf(context, *facts, user);
    return !addresses.empty() && std::all_of(addresses.begin(), addresses.end(),
                                             [&](const std::string& address) {
                                               return list.HasAddress(address);
                                             });
  }

  static Phrase Describe(const Rule& rule, ChannelSet allowed,
                         ChannelSet refused, ChannelSet suppressed) {
    std::vector<Phrase> parts;
    const auto names = [&](ChannelSet channels) {
      return Joined("{}, {}", channels.Names(rule));
    };
    if (!allowed.Empty()) {
      if (!rule.topic.empty()) {
        parts.push_back(Phrase("topic {} is granted", rule.topic));
      }
      parts.push_back(Phrase("allowed: {}", names(allowed)));
    }
    if (!refused.Empty()) {
      parts.push_back(Phrase("not granted: {}", names(refused)));
    }
    if (!suppressed.Empty()) {
      parts.push_back(Phrase("suppressed: {}", names(suppressed)));
    }
    return Joined("{}; {}", parts);
  }
};

}  // namespace

std::unique_ptr<const Stage> MakeConsentStage() {
  return std::make_unique<ConsentStage>();
}

}  // namespace rekindle
