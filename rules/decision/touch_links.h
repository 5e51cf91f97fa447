// What is added to the texts of a rule's touches in one slot, so that clicks,
// opens, unsubscriptions and bounces come back (engine/links).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/audience/snapshot.h"
#include "engine/ledger/ledger.h"
#include "engine/links/tracking.h"
#include "rules/definition/rule.h"

namespace rekindle {

// Immutable.
class TouchLinks {
 public:
  // `channels` are the rule's; nullptr where one is not configured. What is
  // referred to outlives it.
  TouchLinks(const Rule& rule, std::vector<const ChannelFacts*> channels,
             const Snapshot& facts, const Ledger& ledger, Instant slot);

  // True where every touch has texts of its own, even if they name no variable:
  // links are tracked, or a channel asks for bounce tokens.
  bool MakeTextsUnique() const;
  // The value of the variable `unsubscribe_url`; nothing without the section
  // `links`.
  std::optional<std::string> UnsubscribeUrl(UserNumber user,
                                            std::string_view language) const;
  // Puts tracked links in place of the texts' own, and adds the parts that
  // channels ask for besides those of the template.
  void AddTo(Touch* touch, std::string_view language) const;

 private:
  void AddParts(const ChannelFacts& channel, const Touch& touch,
                std::string_view language, ChannelContent* content) const;

  const Rule& rule_;
  const std::vector<const ChannelFacts*> channels_;
  const Snapshot& facts_;
  const Instant slot_;
  const Tracking tracking_;
};

}  // namespace rekindle
